import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { eventually, Fatal } from "../../support/eventually.ts";
import { freePort, freePortOffset } from "../../support/ports.ts";
import { api, instant } from "../../support/query.ts";
import { root, Running } from "../../support/running.ts";
import type { ExceptionList } from "./exception-list.ts";
import { type Block, type Page, pages } from "./pages.ts";
import { commandsOf } from "./shell-commands.ts";
import { PREPARED, PREPARED_ALWAYS } from "./prepared.ts";
import type { Stack } from "./stack.ts";
import { yamlChecks } from "./yaml-blocks.ts";

/** Roles (servers that `narthex ROLE` starts), with their default ports. */
const ROLE_PORTS: ReadonlyMap<string, number> = new Map([
  ["server", 9090],
  ["pushgateway", 9091],
  ["alertmanager", 9093],
  ["node-exporter", 9100],
  ["cadvisor", 8080],
  ["dashboards", 3000],
]);

/** Folder with simple Java classes that replace Prometheus' Java client library in the test. */
const JAVA_CLIENT = join(root, "e2e/src/docs/commands/java-client");

/** Time limit in ms for a command of a documentation page. Even on a busy machine, every command is faster. */
const HANGS_MS = 300_000;

/** Port that the example service of a documentation page uses. */
export const SERVICE_PORT = 8000;

/** Languages of fenced code blocks that contain the output of programs, and no commands. */
const OUTPUT: ReadonlySet<string> = new Set(["", "text"]);

/**
 * Matches system folders in documented commands, such as /etc. The test replaces them by folders below its temporary
 * folder.
 */
const SYSTEM_FOLDERS = /(?<![\w.$}/-])\/(etc|var\/lib|run)\/(?=\w)/g;

/**
 * A simulated reader of a documentation page. Follows the page from the first line to the last in a temporary folder,
 * with a running stack. Writes the files that the page shows, and runs its commands. Replaces ports by free ports, and
 * system folders by folders below the temporary one.
 */
export class Reader implements AsyncDisposable {
  readonly folder: string;
  readonly page: Page;
  readonly #stack: Stack;
  readonly #exceptions: ExceptionList;
  readonly #ports: Map<number, number>;
  readonly #started: Running[] = [];

  constructor(page: Page, stack: Stack, exceptions: ExceptionList) {
    this.page = page;
    this.#stack = stack;
    this.#exceptions = exceptions;
    this.#ports = new Map(stack.ports);
    this.folder = stack.workplace.path("pages", page.path.replaceAll(/[/.]/g, "-"));
    for (const name of ["bin", "deploy"]) mkdirSync(join(this.folder, name), { recursive: true });
    for (const name of readdirSync(join(root, "deploy"))) {
      if (name !== "config") symlinkSync(join(root, "deploy", name), join(this.folder, "deploy", name));
    }
    symlinkSync(stack.configDir, join(this.folder, "deploy/config"));
    symlinkSync(join(root, "bin/narthex"), join(this.folder, "bin/narthex"));
    symlinkSync(join(root, "e2e/node_modules"), join(this.folder, "node_modules"));
    // Fake `sudo` that fails. A documented command that needs root changes the machine, so it must have a row in
    // exceptions.ts.
    this.#program("sudo", 'echo "sudo $*: not run here, see exceptions.ts" >&2; exit 1');
    // `curl` that also fails on an HTTP error. Orders of the example shop are exempt, because one of five fails by
    // design.
    this.#program(
      "curl",
      'case "$*" in */order) exec /usr/bin/curl "$@" ;; *) exec /usr/bin/curl -sS --fail-with-body "$@" ;; esac',
    );
  }

  #program(name: string, text: string): void {
    const path = join(this.folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }

  /** Writes a file that the documentation page expects to exist. */
  write(name: string, text: string): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.#moved(text));
  }

  /** Returns the free port that replaces a port number in the documentation page. */
  port(port: number): number {
    return this.#ports.get(port) ?? port;
  }

  async follow(): Promise<void> {
    if (this.page.blocks.some(({ text }) => text.includes(String(SERVICE_PORT))))
      this.#ports.set(SERVICE_PORT, await freePort());
    await this.#prepare();
    for (const block of this.page.blocks) {
      try {
        await this.#take(block);
      } catch (error) {
        throw new Error(`${this.page.path}:${block.line}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
  }

  /** Ends the programs that the documentation page started. Throws if a program does not end properly. */
  async end(): Promise<void> {
    for (const program of this.#started) await this.#end(program);
  }

  async #prepare(): Promise<void> {
    for (const { files = {}, filesOf, script = "" } of [
      PREPARED_ALWAYS,
      ...PREPARED.filter(({ page }) => page === this.page.path),
    ]) {
      for (const [name, text] of Object.entries(files)) this.write(name, text.replaceAll("$SINK", this.#stack.sinkUrl));
      const others = pages().find(({ path }) => path === filesOf)?.blocks ?? [];
      for (const { file, text } of others) if (file !== undefined) this.write(file, text);
      await this.run(script);
    }
  }

  async #take(block: Block): Promise<void> {
    if (block.language === "sh") return this.run(block.text);
    if (block.language === "promql") return this.#checkQueries(block);
    if (block.language === "yaml") return this.#configure(block);
    if (block.file !== undefined) return this.write(block.file, block.text);
    if (!OUTPUT.has(block.language) && this.#exceptions.of(this.page.path, block.text) === undefined)
      throw new Error(
        `nothing is known to do with a block of ${block.language}: name its file, or add a row to exceptions.ts`,
      );
  }

  /** Runs the commands of a shell script. Consecutive commands share a shell. */
  async run(script: string): Promise<void> {
    let waiting: string[] = [];
    const flush = async (): Promise<void> => {
      if (waiting.length > 0) await this.#shell(waiting.join("\n"));
      waiting = [];
    };
    for (const command of commandsOf(script)) {
      const exception = this.#exceptions.of(this.page.path, command);
      if (exception?.kind === "left out" || exception?.kind === "elsewhere") continue;
      const run = exception?.kind === "instead" || exception?.kind === "serves" ? exception.run : command;
      const role = roleOf(run);
      if (exception?.kind !== "serves" && role === undefined) {
        waiting.push(run);
        continue;
      }
      await flush();
      if (role === "up") await this.#startStack(run);
      else if (role !== undefined) await this.#startRole(role, run);
      else await this.#serve(run, this.port(SERVICE_PORT));
    }
    await flush();
  }

  async #shell(script: string): Promise<void> {
    await using shell = this.#spawn(script);
    const hangs = setTimeout(() => shell.kill("SIGTERM"), HANGS_MS);
    const { code } = await shell.ended;
    clearTimeout(hangs);
    if (code !== 0) throw new Error(`status ${code} of\n${script}\n${shell.output}`);
  }

  #spawn(script: string): Running {
    const path = `${join(this.folder, "bin")}:${process.env["PATH"]}`;
    // Puts the command `narthex` into the simulated home folder, because some documentation pages assume an installed
    // Narthex.
    const home = join(this.folder, "home");
    mkdirSync(home, { recursive: true });
    const env = {
      ...process.env,
      PATH: path,
      HOME: home,
      XDG_CONFIG_HOME: "",
      // Uses the user's Go cache, so that the libraries of the example programs are compiled only once.
      GOCACHE: process.env["GOCACHE"] ?? join(homedir(), ".cache/go-build"),
      JAVA_CLIENT,
      SLACK_URL: this.#stack.sinkUrl,
    };
    return new Running("sh", ["-euc", this.#moved(script)], { cwd: this.folder, env });
  }

  async #startRole(role: string, command: string): Promise<void> {
    const given = /--web\.listen-address=\S*?:(\d+)/.exec(command)?.[1];
    const port = given === undefined ? await freePort() : this.#portFor(Number(given), await freePort());
    if (given === undefined) this.#ports.set(ROLE_PORTS.get(role)!, port);
    const listens = given === undefined ? ` --web.listen-address=127.0.0.1:${port}` : "";
    const alone =
      role === "alertmanager" && !command.includes("--cluster.listen-address")
        ? " --cluster.listen-address=127.0.0.1:0 --cluster.settle-timeout=1s"
        : "";
    // Storage folder with the port in its name. A page may show the same command for several hosts, and two processes
    // cannot share a folder.
    const state =
      role === "alertmanager" && !command.includes("--storage.path") ? ` --storage.path=alertmanager-${port}` : "";
    await this.#serve(`exec ${command}${listens}${alone}${state}`, port);
  }

  #portFor(port: number, fresh: number): number {
    if (!this.#ports.has(port) || this.#stack.ports.get(port) === this.#ports.get(port)) this.#ports.set(port, fresh);
    return this.#ports.get(port)!;
  }

  async #startStack(command: string): Promise<void> {
    const offset = await freePortOffset();
    const words = command.replace(/ --port-offset=\d+/, "");
    await using up = this.#spawn(`exec ${words} --port-offset=${offset}`);
    await up.printed(/^Ready\./m);
    await this.#end(up);
  }

  /** Starts a server in the background, and waits until it listens and is ready. */
  async #serve(command: string, port: number): Promise<void> {
    const program = this.#spawn(command);
    this.#started.push(program);
    await eventually(
      `${command} listens`,
      async () => {
        if (program.hasEnded) throw new Fatal(`it has ended:\n${program.output}`);
        const status = await statusAt(port);
        if (status === 503) throw new Error(program.output);
      },
      HANGS_MS,
    );
  }

  async #end(program: Running): Promise<void> {
    program.kill("SIGTERM");
    const { code, signal } = await program.ended;
    if (code !== 0 && code !== 143 && signal !== "SIGTERM")
      throw new Error(`ended with ${code ?? signal}:\n${program.output}`);
  }

  /**
   * Checks each line of a code block as a PromQL query. The query must parse, and must have a result if its metrics are
   * stored.
   */
  async #checkQueries(block: Block): Promise<void> {
    for (const query of block.text.split("\n").filter((line) => line.trim() !== "")) {
      // The PromQL query with `bool` after each comparison, because a comparison without `bool` may have an empty
      // result.
      const checkedQuery = query.replaceAll(/(?<=[\w)}\]] )([<>]=?|[=!]=)(?= [\d(])/g, "$1 bool");
      const selectors = selectorsOf(await api(this.#stack.server, "parse_query", { query }));
      await eventually(
        `an answer of ${query}`,
        async () => {
          const stored = await Promise.all(
            selectors.map((selector) => instant(this.#stack.server, `count(${selector})`)),
          );
          const isStored = stored.every((series) => series.length > 0);
          const result = await instant(this.#stack.server, checkedQuery);
          const isExpected = isStored || this.#ports.has(SERVICE_PORT);
          if (isExpected && result.length === 0) throw new Error("the result is empty");
        },
        HANGS_MS,
      );
    }
  }

  /** Writes a YAML block to the file that the documentation page names, and checks the file as a configuration. */
  async #configure(block: Block): Promise<void> {
    if (this.#exceptions.of(this.page.path, block.text) !== undefined) return;
    const isJobOfStack = block.under === "scrape_configs" && block.file !== undefined;
    for (const [i, { text, check }] of yamlChecks(block.text).entries()) {
      const moved = this.#moved(text);
      this.#makeSecrets(moved);
      const file = block.file !== undefined && block.under === undefined ? block.file : `block-${block.line}-${i}.yml`;
      this.write(file, text);
      await this.run(check(file));
    }
    if (!isJobOfStack) return;
    const file = join(this.folder, block.file);
    const jobs = this.#moved(block.text).replace(/^(?=.)/gm, "  ");
    writeFileSync(file, `${readFileSync(file, "utf8").trimEnd()}\n\n${jobs}\n`);
  }

  /** Creates the files with secrets that a configuration names, below the test's temporary folder. */
  #makeSecrets(text: string): void {
    for (const [, path] of text.matchAll(/\b(?:\w*_file): "?([^\s",}]+)/g)) {
      const file = path!.startsWith("/") ? path! : join(this.folder, path!);
      if (existsSync(file) || !file.startsWith(this.folder)) continue;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, "http://127.0.0.1:9/secret\n");
    }
  }

  #moved(text: string): string {
    return text
      .replaceAll(SYSTEM_FOLDERS, (path) => `${this.folder}/root${path}`)
      .replaceAll(/\b(?:am\d|db)\.example\.org\b/g, "localhost")
      .replaceAll(/(:)(\d{4})\b/g, (all, before: string, port: string) => {
        const moved = this.#ports.get(Number(port));
        return moved === undefined ? all : `${before}${moved}`;
      })
      .replaceAll(new RegExp(`\\b${SERVICE_PORT}\\b`, "g"), String(this.port(SERVICE_PORT)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#started.map((program) => program[Symbol.asyncDispose]()));
  }
}

/** Returns the role of the server that a command starts. Undefined if the command starts no server. */
function roleOf(command: string): string | undefined {
  const [, role, next = ""] = /^(?:bin\/)?narthex ([\w-]+)(?: (\S+))?/.exec(command) ?? [];
  if (role === undefined || (role !== "up" && !ROLE_PORTS.has(role))) return undefined;
  return next === "" || next.startsWith("-") ? role : undefined;
}

/**
 * Resolves with the HTTP status that a port answers, or 0 if the port uses another protocol. Throws if nothing listens.
 */
async function statusAt(port: number): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/-/ready`);
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    const cause = (error as Error).cause as { code?: string } | undefined;
    if (cause?.code === "ECONNREFUSED") throw error;
    return 0;
  }
}

interface Matcher {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Returns the series selectors in a syntax tree of `/api/v1/parse_query`, each as the text of its matchers. */
function selectorsOf(tree: unknown): string[] {
  if (typeof tree !== "object" || tree === null) return [];
  const { type, matchers } = tree as { type?: string; matchers?: readonly Matcher[] };
  const isSelector = type === "vectorSelector" || type === "matrixSelector";
  const own = isSelector ? (matchers ?? []).map((one) => one.name + one.type + JSON.stringify(one.value)) : [];
  return [...(own.length > 0 ? [`{${own.join(",")}}`] : []), ...Object.values(tree).flatMap(selectorsOf)];
}
