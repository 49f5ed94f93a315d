/** WGSL that every kernel starts with. */

/** Threads in a workgroup of kernels that have no reason for another number. */
export const WORKGROUP = 64;

/** Head of `main`, one thread per element: `i` is the number of the thread over both dimensions of the dispatch. */
export function mainText(workgroup: number = WORKGROUP): string {
  return `@compute @workgroup_size(${workgroup})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * ${workgroup}u + local;`;
}
