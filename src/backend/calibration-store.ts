/** Where measurements of devices are kept between backends and, by a store of the caller's, between processes. */

/** Keeps texts under keys. A store may forget them at any time, and one that fails counts as one that forgot. */
export interface CalibrationStore {
  get(key: string): Promise<string | undefined>;
  put(key: string, text: string): Promise<void>;
}

function createMemoryCalibrations(): CalibrationStore {
  const texts = new Map<string, string>();
  return {
    get: async (key) => texts.get(key),
    put: async (key, text) => {
      texts.set(key, text);
    },
  };
}

/** What localStorage offers. */
type TextStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** The page's localStorage, where there is one and it may be used. Node has another thing of that name, which warns. */
function pageStorage(): TextStorage | undefined {
  try {
    return (globalThis as { readonly window?: { readonly localStorage?: TextStorage } }).window?.localStorage;
  } catch {
    // Browsers throw where cookies are blocked.
    return undefined;
  }
}

function createPageCalibrations(storage: TextStorage): CalibrationStore {
  return {
    get: async (key) => storage.getItem(`sheaf/${key}`) ?? undefined,
    put: async (key, text) => storage.setItem(`sheaf/${key}`, text),
  };
}

let shared: CalibrationStore | undefined;

/** The store of those who name none: the page's localStorage in browsers, the process' memory elsewhere. */
export function defaultCalibrations(): CalibrationStore {
  if (!shared) {
    const storage = pageStorage();
    shared = storage ? createPageCalibrations(storage) : createMemoryCalibrations();
  }
  return shared;
}

/** What `parse` makes of the text under a key; undefined where there is none, or none that `parse` takes. */
export async function readCalibration<T>(
  store: CalibrationStore,
  key: string,
  parse: (value: unknown) => T | undefined,
): Promise<T | undefined> {
  try {
    const text = await store.get(key);
    return text === undefined ? undefined : parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Keeps a value as JSON. */
export async function writeCalibration(store: CalibrationStore, key: string, value: unknown): Promise<void> {
  try {
    await store.put(key, JSON.stringify(value));
  } catch {
    // The next process measures again.
  }
}
