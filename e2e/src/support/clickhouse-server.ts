import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, Fatal } from "./eventually.ts";
import { freePort } from "./ports.ts";
import { clickhouse } from "./requirements.ts";
import { Running } from "./running.ts";

/** User id of `nobody`, because tests may run as root. */
const NOBODY = 65_534;

interface ServerFiles {
  /** Certificate and key of the server, PEM. Without them, the server has no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/**
 * A ClickHouse server of one test in its own folder, with the time zone Europe/Berlin. Its user `default` has no
 * password; `reader` may only read and may change no settings.
 */
export class ClickhouseServer implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;
  #running: Running;

  private constructor(folder: string, port: number, tlsPort: number) {
    this.folder = folder;
    this.port = port;
    this.tlsPort = tlsPort;
    this.#running = serve(folder);
  }

  static async start({ tls }: ServerFiles = {}): Promise<ClickhouseServer> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-clickhouse-"));
    chmodSync(folder, 0o755);
    if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o644 });
    const [port, tlsPort, tcpPort] = [await freePort(), await freePort(), await freePort()];
    if (tls !== undefined) {
      write("cert.pem", tls.cert);
      write("key.pem", tls.key);
    }
    write("config.xml", config(folder, { port, tcpPort, ...(tls !== undefined && { tlsPort }) }));
    write("users.xml", USERS);
    const server = new ClickhouseServer(folder, port, tlsPort);
    await server.#answers();
    return server;
  }

  /** Resolves with the text that the server answers. Rejects with its message if the statement fails. */
  async sql(statement: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}/`, { method: "POST", body: statement });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text.trim();
  }

  /** Kills the server. */
  async stop(): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.ended;
  }

  async startAgain(): Promise<void> {
    this.#running = serve(this.folder);
    await this.#answers();
  }

  async #answers(): Promise<void> {
    await eventually("ClickHouse answers", async () => {
      const { child, output } = this.#running;
      if (child.exitCode !== null) throw new Fatal(`ended with status ${child.exitCode}:\n${output}`);
      return this.sql("SELECT 1");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function serve(folder: string): Running {
  const isRoot = process.getuid?.() === 0;
  const program = [clickhouse, `--config-file=${join(folder, "config.xml")}`];
  const [command, ...args] = isRoot
    ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...program]
    : program;
  return new Running(command!, args, { cwd: folder });
}

interface Ports {
  readonly port: number;
  readonly tcpPort: number;
  readonly tlsPort?: number;
}

const config = (folder: string, { port, tcpPort, tlsPort }: Ports): string => `<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><log>${folder}/log</log><errorlog>${folder}/errors</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${port}</http_port>
  <tcp_port>${tcpPort}</tcp_port>
  ${tlsPort === undefined ? "" : `<https_port>${tlsPort}</https_port>`}
  <openSSL><server>
    <certificateFile>${folder}/cert.pem</certificateFile><privateKeyFile>${folder}/key.pem</privateKeyFile>
    <verificationMode>none</verificationMode><loadDefaultCAFile>false</loadDefaultCAFile>
  </server></openSSL>
  <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>8388608</mark_cache_size><uncompressed_cache_size>8388608</uncompressed_cache_size>
  <timezone>Europe/Berlin</timezone>
</yandex>
`;

const user = (name: string, password: string, profile: string): string =>
  `<${name}><password>${password}</password><networks><ip>127.0.0.1</ip></networks><profile>${profile}</profile>` +
  `<quota>default</quota></${name}>`;

const USERS = `<?xml version="1.0"?>
<yandex>
  <profiles>
    <default><max_memory_usage>1000000000</max_memory_usage>
      <allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type></default>
    <reading><readonly>1</readonly></reading>
    <setting><readonly>2</readonly></setting>
  </profiles>
  <quotas><default></default></quotas>
  <users>
    ${user("default", "", "default")}
    ${user("reader", "secret", "reading")}
    ${user("setter", "secret", "setting")}
  </users>
</yandex>
`;
