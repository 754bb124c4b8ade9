/** The part of plotly that the window uses; the bundle for strict pages ships without types of its own. */
declare module 'plotly.js/dist/plotly-cartesian.min' {
  export interface PlotlyFigure {
    readonly data: readonly object[];
    readonly layout: object;
    readonly config?: object;
  }
  export interface PlotlyClickEvent {
    readonly points: readonly { readonly customdata?: unknown }[];
    readonly event?: { readonly shiftKey: boolean };
  }
  export interface PlotlyElement extends HTMLElement {
    on(event: 'plotly_click', listener: (event: PlotlyClickEvent) => void): void;
    on(event: 'plotly_afterplot', listener: () => void): void;
    /** Where the vertical axis lies: px from the top of the drawing, and its values at bottom and top. */
    readonly _fullLayout?: {
      readonly _size?: { readonly l: number };
      readonly yaxis?: { readonly _offset: number; readonly _length: number; readonly range: readonly [number, number] };
    };
  }
  interface ImageOptions {
    readonly format: 'svg' | 'png';
    readonly width: number;
    readonly height: number;
    readonly scale?: number;
  }
  const plotly: {
    react(element: HTMLElement, figure: PlotlyFigure): Promise<PlotlyElement>;
    purge(element: HTMLElement): void;
    toImage(figure: PlotlyFigure, options: ImageOptions): Promise<string>;
    Plots: { resize(element: HTMLElement): Promise<void> };
  };
  export default plotly;
}
