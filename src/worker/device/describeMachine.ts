/** What this machine and this build offer to a run: devices, memory, versions of everything that computes. */
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { loadNative } from '../../native/binding';
import type { MachineInfo } from '../../shared/workerMessages';
import { onnxRuntimeVersion } from '../adapters/onnxRunner';

const MIB = 1024 * 1024;

export function describeMachine(): MachineInfo {
  const native = loadNative();
  const info = native.deviceInfo();
  const versions: Record<string, string> = {
    native_api: String(native.apiVersion),
    simd: info.simd,
    onnxruntime: onnxRuntimeVersion,
    node: process.versions.node,
    os: `${process.platform} ${process.arch}`,
  };
  if (process.versions.electron) versions.electron = process.versions.electron;
  if (info.cudaRuntime) versions.cuda_runtime = info.cudaRuntime;
  const driver = nvidiaDriver();
  if (driver) versions.nvidia_driver = driver;
  return {
    cpuName: info.cpuName,
    logicalCores: info.logicalCores,
    simd: info.simd,
    memoryMiB: totalmem() / MIB,
    freeMiB: freemem() / MIB,
    cuda: info.cuda,
    cudaReason: info.cudaReason,
    versions,
  };
}

/** The version of the kernel's NVIDIA driver on Linux; null where there is none. */
function nvidiaDriver(): string | null {
  try {
    return /NVRM version:.*?(\d+\.\d+(?:\.\d+)?)/.exec(readFileSync('/proc/driver/nvidia/version', 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}
