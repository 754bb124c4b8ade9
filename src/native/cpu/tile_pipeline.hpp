// The order in which threads back project: blocks of views one after the other over every tile of the volume, without a wait between blocks.
// What a tile and a view are is left to projector.cpp.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tomo/parallel.hpp"

namespace tomo {

struct TileBlock {
  int group;
  int64_t firstView, lastView;
  int64_t tiles;
};

/**
 * Every block has its views loaded into one of two buffers, then its tiles filled. Threads take the steps in one order: the views of block b+1 come
 * half-way through the tiles of block b, so a thread that runs out of tiles finds the next block ready. A step waits for the steps it needs, all of
 * them earlier in the order: tiles for their block's views and for the same tile of the block before (all tiles of it where that is of another
 * group), views for the block that used their buffer. So each tile takes its blocks in order, whatever the number of threads.
 */
class TilePipeline {
 public:
  explicit TilePipeline(std::vector<TileBlock> blocks) : blocks_(std::move(blocks)), progress_(blocks_.size()) {
    int64_t most = 0;
    for (size_t b = 0; b < blocks_.size(); ++b) {
      if (b == 0) add(0, true, 0, views(0));
      const int64_t tiles = blocks_[b].tiles, half = tiles / 2;
      add(b, false, 0, half);
      if (b + 1 < blocks_.size()) add(b + 1, true, 0, views(b + 1));
      add(b, false, half, tiles);
      most = std::max(most, tiles);
    }
    tileBlocks_ = std::make_unique<std::atomic<int64_t>[]>(static_cast<size_t>(most));
  }

  int64_t buffers() const { return blocks_.size() > 1 ? 2 : 1; }
  int threadsOf(const CallControl& control) const { return threadsFor(control, steps()); }

  /// load(block, buffer, view, thread) and fill(block, buffer, tile, thread), each once for every view and tile.
  template <typename Load, typename Fill>
  Status run(const CallControl& control, Load&& load, Fill&& fill) {
    control.expect(steps());
    return parallelFor(control, steps(), [&](int64_t step, int thread) {
      try {
        const Run& at = runOf(step);
        const TileBlock& block = blocks_[at.block];
        Progress& progress = progress_[at.block];
        const auto buffer = static_cast<int64_t>(at.block % 2);
        const int64_t index = at.from + step - at.firstStep;
        if (at.loads) {
          if (at.block >= 2 && !await(control, progress_[at.block - 2].filled, blocks_[at.block - 2].tiles)) return;
          load(block, buffer, block.firstView + index, thread);
          progress.loaded.fetch_add(1, std::memory_order_release);
        } else {
          std::atomic<int64_t>& done = tileBlocks_[static_cast<size_t>(index)];
          if (!await(control, progress.loaded, views(at.block))) return;
          if (at.block > 0) {
            const bool sameTiles = blocks_[at.block - 1].group == block.group;
            if (sameTiles ? !await(control, done, static_cast<int64_t>(at.block)) : !await(control, progress_[at.block - 1].filled, blocks_[at.block - 1].tiles)) return;
          }
          fill(block, buffer, index, thread);
          done.store(static_cast<int64_t>(at.block) + 1, std::memory_order_release);
          progress.filled.fetch_add(1, std::memory_order_release);
        }
        control.advance();
      } catch (...) {
        // Nobody may wait for this step any more.
        failed_ = true;
        throw;
      }
    });
  }

 private:
  /// Steps that follow each other: views or tiles [from,...) of one block.
  struct Run {
    size_t block;
    bool loads;
    int64_t from, firstStep, lastStep;
  };
  struct Progress {
    std::atomic<int64_t> loaded{0}, filled{0};
  };

  int64_t views(size_t block) const { return blocks_[block].lastView - blocks_[block].firstView; }
  int64_t steps() const { return runs_.empty() ? 0 : runs_.back().lastStep; }

  void add(size_t block, bool loads, int64_t from, int64_t to) {
    const int64_t first = steps();
    if (to > from) runs_.push_back({block, loads, from, first, first + to - from});
  }

  const Run& runOf(int64_t step) const {
    return *std::upper_bound(runs_.begin(), runs_.end(), step, [](int64_t at, const Run& run) { return at < run.lastStep; });
  }

  /// False where the call ended early meanwhile.
  bool await(const CallControl& control, const std::atomic<int64_t>& count, int64_t wanted) const {
    while (count.load(std::memory_order_acquire) < wanted) {
      if (control.cancelled() || failed_.load(std::memory_order_relaxed)) return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::vector<TileBlock> blocks_;
  std::vector<Run> runs_;
  std::vector<Progress> progress_;
  std::unique_ptr<std::atomic<int64_t>[]> tileBlocks_;
  std::atomic<bool> failed_{false};
};

}  // namespace tomo
