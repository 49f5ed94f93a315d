/** The adapters that WebGPU offers, for people who want to know what they have. */

import { type AdapterDescription, describeAdapter } from './adapter.ts';
import { findGpu } from './find-gpu.ts';

/** Limits that decide how much fits. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
] as const;

/** An adapter with its limits, in bytes and threads. */
export interface ListedAdapter extends AdapterDescription {
  readonly limits: Readonly<Record<(typeof LIMITS)[number], number>>;
}

/** Every way to ask for an adapter. */
const REQUESTS: readonly GPURequestAdapterOptions[] = [
  { powerPreference: 'high-performance' },
  { powerPreference: 'low-power' },
  { forceFallbackAdapter: true },
];

/** Different adapters, the one that Sheaf takes first. Throws GpuUnavailableError where there is no WebGPU; none is an empty list. */
export async function listAdapters(gpu?: GPU): Promise<ListedAdapter[]> {
  const source = gpu ?? (await findGpu());
  const found = new Map<string, ListedAdapter>();
  for (const request of REQUESTS) {
    const adapter = await source.requestAdapter(request);
    if (!adapter) continue;
    const description = describeAdapter(adapter.info);
    const limits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
    const key = JSON.stringify(description);
    if (!found.has(key)) found.set(key, { ...description, limits: limits as ListedAdapter['limits'] });
  }
  return [...found.values()];
}
