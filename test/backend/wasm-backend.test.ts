import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { BLS12_381, BN254 } from '../../src/curve/curve.ts';
import { backendContract } from './backend-contract.ts';

backendContract('wasm, fma', (curve) => createWasmBackend(curve, { form: 'fma', threads: 2 }));
backendContract(
  'wasm, simd, three threads',
  (curve) => createWasmBackend(curve, { form: 'simd', threads: 3 }),
  [BLS12_381],
);
backendContract(
  'wasm, scalar, one thread',
  (curve) => createWasmBackend(curve, { form: 'scalar', threads: 1 }),
  [BN254],
);
