import { basename, dirname } from "node:path";
import type { ConfigFiles } from "@narthex/config";
import { systemClock } from "@narthex/runtime";
import type { DoctorContext } from "../check.ts";
import { type Configurations, readConfigurations } from "../configurations.ts";
import type { Network } from "../network/network.ts";
import { ReachError } from "../network/network.ts";
import type { Machine, PathStatus } from "../machine/machine.ts";
import type { RoleSubject } from "../subject/subject.ts";

/** Returns a machine without problems: no port is in use, and every path can be read and written. */
export function fakeMachine(changes: Partial<Machine> = {}): Machine {
  return {
    nodeVersion: "v24.1.0",
    uid: 1000,
    kernelText: () => Promise.resolve(undefined),
    listenersOn: () => Promise.resolve([]),
    tryListen: () => Promise.resolve(undefined),
    realPath: (path) => Promise.resolve(path),
    pathStatus: () => Promise.resolve({ isFolder: true, uid: 1000, mode: 0o755 }),
    mayRead: () => Promise.resolve(true),
    mayWrite: () => Promise.resolve(true),
    mayEnter: () => Promise.resolve(true),
    namesIn: () => Promise.resolve([]),
    volumeOf: () => Promise.resolve({ freeBytes: 5e10, totalBytes: 1e11, freeInodes: 5e6, totalInodes: 1e7 }),
    clockState: () => Promise.resolve({ isSynchronized: true, maxErrorSeconds: 0.01 }),
    ...changes,
  };
}

export const withKernelTexts = (texts: Readonly<Record<string, string>>): Machine =>
  fakeMachine({ kernelText: (path) => Promise.resolve(texts[path]) });

/**
 * Returns a machine that has only these paths. A path without any read, write or execute bit cannot be read, written or
 * entered.
 */
export const withPaths = (paths: Readonly<Record<string, PathStatus>>, changes: Partial<Machine> = {}): Machine =>
  fakeMachine({
    pathStatus: (path) => Promise.resolve(path === "/" ? { isFolder: true, uid: 0, mode: 0o755 } : paths[path]),
    mayRead: (path) => Promise.resolve(((paths[path]?.mode ?? 0) & 0o444) !== 0),
    mayWrite: (path) => Promise.resolve(((paths[path]?.mode ?? 0) & 0o222) !== 0),
    mayEnter: (path) => Promise.resolve(((paths[path]?.mode ?? 0) & 0o111) !== 0),
    namesIn: (folder) =>
      Promise.resolve(
        Object.keys(paths)
          .filter((path) => dirname(path) === folder)
          .map((path) => basename(path)),
      ),
    ...changes,
  });

export interface FakePage {
  readonly status?: number;
  readonly contentType?: string;
  readonly body?: string;
  readonly date?: number;
}

/** Returns a fake network with these pages by URL. Only the given `host:port` addresses accept connections. */
export function fakeNetwork(
  pages: Readonly<Record<string, FakePage>> = {},
  addresses: readonly string[] = [],
): Network & { readonly requests: string[] } {
  const refusal = (): Promise<never> =>
    Promise.reject(new ReachError("dial tcp: connect: connection refused", "start it"));
  const requests: string[] = [];
  return {
    requests,
    get(url) {
      requests.push(url);
      const page = pages[url];
      if (page === undefined) return refusal();
      const { status = 200, contentType = "text/plain; version=0.0.4", body = "", date = Number.NaN } = page;
      return Promise.resolve({ status, contentType, date, body: Buffer.from(body), isCut: false, tookMs: 3.2 });
    },
    connect({ host, port, tls }) {
      const address = `${tls === undefined ? "" : "tls "}${host}:${port}`;
      requests.push(address);
      return addresses.includes(address) ? Promise.resolve() : refusal();
    },
  };
}

export const roleNamed = (role: string, changes: Partial<RoleSubject> = {}): RoleSubject => ({
  role,
  listens: [],
  data: [],
  webConfig: "",
  pathPrefix: "",
  ...changes,
});

const filesOf = (texts: Readonly<Record<string, string>>): ConfigFiles => ({
  read: (path) => {
    const text = texts[path];
    return text === undefined ? Promise.reject(new Error(`no ${path} among the test's files`)) : Promise.resolve(text);
  },
  list: (folder) =>
    Promise.resolve(
      Object.keys(texts)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)),
    ),
  exists: (path) => Promise.resolve(path in texts),
});

interface Parts {
  readonly machine?: Machine;
  readonly network?: Network;
  readonly roles?: readonly RoleSubject[];
  readonly files?: Readonly<Record<string, string>>;
  readonly portOffset?: number;
  readonly signsIn?: boolean;
}

export function fakeContext({
  machine = fakeMachine(),
  network = fakeNetwork(),
  roles = [],
  files = {},
  portOffset,
  signsIn = true,
}: Parts = {}): DoctorContext {
  const host = { env: {}, cwd: "/", clock: systemClock };
  const subject = { title: "test", portOffset, roles };
  let read: Promise<Configurations> | undefined;
  return {
    subject,
    host,
    clock: systemClock,
    files: filesOf(files),
    machine,
    network,
    configurations: () => (read ??= readConfigurations(subject, host, filesOf(files))),
    timeoutMs: 1000,
    signsIn,
  };
}
