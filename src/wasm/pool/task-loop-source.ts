// Generated from task-loop.ts; `vitest run test/wasm/pool/task-loop-source.test.ts -u` writes it anew.

/** The code of a worker, as a script that depends on nothing: what task-loop.ts says, and a call of its `listen`. */
export const TASK_LOOP_SOURCE: string = `const EPOCH = 0;
const BASE = 1;
const COUNT = 2;
const CALLEE = 3;
const ARITY = 4;
const ARGUMENTS = 5;
const CLOSED = 6;
const SLEEPING = 7;
const NEXT = 16;
const DONE = 32;
const LANES = 48;
const LANE_STRIDE = 16;
function instantiate(module, memory, stackTop) {
    const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, stackTop);
    const instance = new WebAssembly.Instance(module, { env: { memory: memory, sp: sp } });
    const init = instance.exports.init;
    if (typeof init === 'function')
        init(stackTop);
    return instance;
}
function drainJob(lane, epoch, deadline) {
    const board = lane.board;
    const state = LANES + lane.index * LANE_STRIDE;
    Atomics.store(board, state, 1);
    const base = Atomics.load(board, BASE);
    const count = Atomics.load(board, COUNT);
    const arity = Atomics.load(board, ARITY);
    const first = Atomics.load(board, ARGUMENTS);
    const callee = lane.functions[Atomics.load(board, CALLEE)];
    let end = 'empty';
    if (callee && Atomics.load(board, EPOCH) === epoch) {
        const results = first + count * arity;
        const args = new Array(arity);
        for (;;) {
            const next = Atomics.load(board, NEXT);
            const task = (next - base) >>> 0;
            if (task >= count)
                break;
            if (Atomics.compareExchange(board, NEXT, next, next + 1) !== next)
                continue;
            Atomics.store(board, state, task + 2);
            let words = lane.words;
            if (words.length < results + count) {
                words = new Int32Array(lane.memory.buffer);
                if (words.length < results + count) {
                    lane.memory.grow(0);
                    words = new Int32Array(lane.memory.buffer);
                }
                lane.words = words;
            }
            for (let i = 0, at = first + task * arity; i < arity; i++)
                args[i] = words[at + i];
            const result = Reflect.apply(callee, undefined, args);
            words[results + task] = result === undefined ? 0 : result;
            if ((Atomics.add(board, DONE, 1) + 1 - base) >>> 0 === count) {
                end = 'finished';
                break;
            }
            if (deadline !== Infinity && performance.now() >= deadline) {
                end = 'paused';
                break;
            }
        }
    }
    Atomics.store(board, state, 0);
    return end;
}
const WATCH_MS = 0.005;
function nextEpoch(board, seen) {
    let watchUntil = 0;
    for (;;) {
        const epoch = Atomics.load(board, EPOCH);
        if (epoch !== seen && epoch % 2 === 0)
            return epoch;
        const now = performance.now();
        if (watchUntil === 0)
            watchUntil = now + WATCH_MS;
        if (now >= watchUntil) {
            Atomics.wait(board, EPOCH, epoch);
            watchUntil = 0;
        }
    }
}
function serve(start, post) {
    const board = start.board;
    const state = LANES + start.lane * LANE_STRIDE;
    try {
        const exports = instantiate(start.module, start.memory, start.stackTop).exports;
        const lane = {
            index: start.lane,
            board: board,
            memory: start.memory,
            functions: start.functions.map((name) => exports[name]),
            words: new Int32Array(start.memory.buffer),
        };
        post({ kind: 'ready' });
        for (let seen = -1;;) {
            seen = nextEpoch(board, seen);
            const end = drainJob(lane, seen, Infinity);
            if (Atomics.load(board, CLOSED) === 1 || (end === 'finished' && Atomics.load(board, SLEEPING) === 1)) {
                post({ kind: 'progress' });
            }
        }
    }
    catch (error) {
        const task = Atomics.load(board, state) - 2;
        const known = error instanceof Error ? error : new Error(String(error));
        post({ kind: 'failed', task: task < 0 ? -1 : task, name: known.name, message: known.message });
    }
}
function listen() {
    const scope = globalThis;
    const node = scope.process?.getBuiltinModule?.('node:worker_threads');
    const port = node?.parentPort ?? scope;
    const begin = (start) => {
        const post = (message) => port.postMessage(message);
        if (start.lifeLock === undefined) {
            serve(start, post);
        }
        else {
            navigator.locks
                .request(start.lifeLock, () => {
                setTimeout(() => serve(start, post));
                return new Promise(() => { });
            })
                .catch((error) => post({ kind: 'failed', task: -1, name: 'LockError', message: String(error) }));
        }
    };
    if (port.once)
        port.once('message', begin);
    else
        scope.onmessage = (event) => begin(event.data);
}
listen();
`;
