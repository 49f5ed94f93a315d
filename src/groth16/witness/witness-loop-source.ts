// Generated from witness-loop.ts; `vitest run test/groth16/witness/witness-loop-source.test.ts -u` writes it anew.

/** The code of a worker, as a script that depends on nothing: what witness-loop.ts says, and a call of its `listen`. */
export const WITNESS_LOOP_SOURCE: string = `const NEEDED = [
    'getVersion',
    'getFieldNumLen32',
    'getRawPrime',
    'getWitnessSize',
    'getInputSize',
    'getWitness',
    'readSharedRWMemory',
    'writeSharedRWMemory',
    'init',
    'setInputSignal',
];
function calculateWitness(job) {
    const lines = [];
    const logs = [];
    let code = 0;
    const fail = (reason, detail, expected = 0, got = 0) => ({ kind: 'failed', reason, detail, code, expected, got, lines, logs });
    let generator;
    let line = '';
    const say = (text) => {
        if (!job.keepLogs)
            return;
        if (text === '\\n') {
            logs.push(line);
            line = '';
        }
        else {
            line = line === '' ? text : \`\${line} \${text}\`;
        }
    };
    const message = () => {
        let text = '';
        for (let char = generator?.getMessageChar() ?? 0; char > 0; char = generator?.getMessageChar() ?? 0)
            text += String.fromCharCode(char);
        return text;
    };
    const readInteger = (words) => {
        let value = 0n;
        for (let i = words - 1; i >= 0; i--)
            value = (value << 32n) | BigInt((generator?.readSharedRWMemory(i) ?? 0) >>> 0);
        return value;
    };
    const handlers = {
        exceptionHandler: (number) => {
            code = number;
            throw new Error(\`circom exception \${number}\`);
        },
        printErrorMessage: () => {
            lines.push(message().trim());
        },
        writeBufferMessage: () => say(message()),
        showSharedRWMemory: () => {
            if (job.keepLogs)
                say(String(readInteger(generator?.getFieldNumLen32() ?? 0)));
        },
    };
    const imports = {};
    for (const { module, name, kind } of WebAssembly.Module.imports(job.module)) {
        if (kind !== 'function')
            return fail('interface', \`imports the \${kind} \${module}.\${name}\`);
        imports[module] ??= {};
        imports[module][name] = handlers[name] ?? (() => { });
    }
    try {
        const { exports } = new WebAssembly.Instance(job.module, imports);
        for (const name of NEEDED) {
            if (typeof exports[name] !== 'function')
                return fail('interface', \`has no function \${name}\`);
        }
        const wasm = exports;
        generator = wasm;
        const version = wasm.getVersion();
        if (version !== 2)
            return fail('interface', \`was made by circom \${version}\`);
        const words = wasm.getFieldNumLen32();
        wasm.getRawPrime();
        const order = readInteger(words);
        if (order < 2n)
            return fail('interface', 'names no field');
        wasm.init(job.sanityCheck ? 1 : 0);
        let set = 0;
        for (const { name, values } of job.inputs) {
            const hash = hashOf(name);
            const [high, low] = [Number(hash >> 32n) | 0, Number(hash & 0xffffffffn) | 0];
            const size = wasm.getInputSignalSize?.(high, low);
            if (size !== undefined) {
                if (size < 0 || (size === 0 && values.length > 0))
                    return fail('unknown-signal', name);
                if (values.length < size)
                    return fail('too-few', name, size, values.length);
                if (values.length > size)
                    return fail('too-many', name, size, values.length);
            }
            for (const [index, value] of values.entries()) {
                let rest = value % order;
                if (rest < 0n)
                    rest += order;
                for (let i = 0; i < words; i++) {
                    wasm.writeSharedRWMemory(i, Number(rest & 0xffffffffn) | 0);
                    rest >>= 32n;
                }
                wasm.setInputSignal(high, low, index);
                set++;
            }
        }
        const wanted = wasm.getInputSize();
        if (set < wanted)
            return fail('missing', '', wanted, set);
        const count = wasm.getWitnessSize();
        const size = 4 * words;
        const values = new Uint8Array(count * size);
        const start = wasm.getSharedRWMemoryStart?.();
        if (start !== undefined && wasm.memory) {
            for (let i = 0; i < count; i++) {
                wasm.getWitness(i);
                values.set(new Uint8Array(wasm.memory.buffer, start, size), i * size);
            }
        }
        else {
            const view = new DataView(values.buffer);
            for (let i = 0; i < count; i++) {
                wasm.getWitness(i);
                for (let j = 0; j < words; j++)
                    view.setInt32(i * size + 4 * j, wasm.readSharedRWMemory(j), true);
            }
        }
        return { kind: 'done', order, size, values, logs };
    }
    catch (error) {
        return fail('runtime', code === 0 ? String(error) : '');
    }
}
function hashOf(name) {
    let hash = 0xcbf29ce484222325n;
    for (let i = 0; i < name.length; i++) {
        hash = ((hash ^ BigInt(name.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
    }
    return hash;
}
function listen() {
    const scope = globalThis;
    const port = scope.process?.getBuiltinModule?.('node:worker_threads').parentPort ?? scope;
    const receive = (job) => {
        const outcome = calculateWitness(job);
        port.postMessage(outcome, outcome.kind === 'done' ? [outcome.values.buffer] : []);
    };
    if (port.on)
        port.on('message', receive);
    else
        port.onmessage = (event) => receive(event.data);
    port.postMessage({ kind: 'ready' });
}
listen();
`;
