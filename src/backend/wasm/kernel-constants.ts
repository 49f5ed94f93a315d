/** Where kernels keep their constants in linear memory. Address 0 stays unused: kernels read it as "no point". */
export const KERNEL_CONSTANTS: { readonly base: number; readonly capacity: number } = {
  base: 1024,
  capacity: 1 << 18,
};
