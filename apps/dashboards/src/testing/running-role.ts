import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { testHost, type TestHost } from "@narthex/runtime/testing";
import { main } from "../main.ts";
import "./cheap-passwords.ts";

export interface RunningRole {
  readonly url: string;
  readonly folder: string;
  readonly host: TestHost;
  /** Sends a request as the first user. With an empty `user`, sends it without credentials. */
  readonly call: (method: string, path: string, body?: unknown, options?: CallOptions) => Promise<Answer>;
}

interface CallOptions {
  readonly user?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The response body, parsed as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read answers of any shape
  readonly json: any;
}

export interface RoleOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Files to write before the start, by their paths below the folder. The word `FOLDER` in their texts is replaced by
   * the folder's path.
   */
  readonly files?: Readonly<Record<string, string>>;
  /** A folder of an earlier run, which is used again and not removed at the end. */
  readonly folder?: string;
}

/**
 * Starts the dashboards server, calls `use`, and stops the server. The first user is `admin` with the password
 * `secret`.
 */
export async function withRole<T>(options: RoleOptions, use: (role: RunningRole) => Promise<T>): Promise<T> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "dashboards-"));
  for (const [path, text] of Object.entries(options.files ?? {})) writeBelow(folder, path, text);
  const env = {
    GF_PATHS_DATA: join(folder, "data"),
    GF_PATHS_CONFIG: join(folder, "grafana.ini"),
    GF_PATHS_PROVISIONING: join(folder, "provisioning"),
    GF_SECURITY_ADMIN_PASSWORD: "secret",
    NARTHEX_UI_DIR: join(folder, "ui"),
    ...options.env,
  };
  const host = testHost(["--web.listen-address=127.0.0.1:0", ...(options.args ?? [])], { env, cwd: folder });
  const status = main(host);
  try {
    const url = `http://${await host.listening(status)}`;
    return await use({ url, folder, host, call: caller(url) });
  } finally {
    host.requestStop();
    await status;
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

export function writeBelow(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text.replaceAll("FOLDER", folder));
}

const caller =
  (url: string): RunningRole["call"] =>
  async (method, path, body, { user = "admin:secret", headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method,
      redirect: "manual",
      headers: {
        ...(user === "" ? {} : { authorization: `Basic ${btoa(user)}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
