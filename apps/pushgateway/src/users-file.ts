import { readFileSync, statSync } from "node:fs";
import type { BasicAuth } from "@narthex/http";
import type { Logger } from "@narthex/runtime";
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from "yaml";

/** The users of jobs by the beginning of the jobs' names. */
type JobUsers = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A file of --push.users-file that cannot be used; the message names file, line and mend. */
export class UsersFileError extends Error {
  override readonly name = "UsersFileError";
}

const BCRYPT = /^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/;

/** Reads the file. Throws UsersFileError: a file that protects works or stops the start. */
export function readUsersFile(path: string): JobUsers {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsersFileError(`open ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const fail = (node: Node | number | null | undefined, sentence: string): never => {
    const offset = typeof node === "number" ? node : (node?.range?.[0] ?? 0);
    throw new UsersFileError(`${path}:${lines.linePos(offset).line}: ${sentence}`);
  };
  const broken = document.errors[0];
  if (broken !== undefined) fail(broken.pos[0], `yaml: ${broken.message}`);
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const { key, value } of pairsOf(document.contents, fail, "job_users")) {
    if (text(key) !== "job_users") fail(key, `field ${text(key)} not found; allowed: job_users`);
    for (const rule of pairsOf(value, fail, "a mapping of job prefixes")) {
      const users = pairsOf(rule.value, fail, `users of the jobs that begin with "${text(rule.key)}"`);
      found.set(text(rule.key), new Map(users.map((user) => [text(user.key), hashOf(user, fail)])));
    }
  }
  return found;
}

type Fail = (node: Node | null | undefined, sentence: string) => never;
type Entry = { readonly key: Node; readonly value: Node | null };

function pairsOf(node: Node | null, fail: Fail, wanted: string): readonly Entry[] {
  if (!isMap(node)) return fail(node, `a mapping is expected: ${wanted}`);
  return node.items.map((pair: Pair) => ({ key: pair.key as Node, value: pair.value as Node | null }));
}

const text = (node: Node | null): string =>
  isScalar<string | number | boolean | null>(node) && node.value !== null ? String(node.value) : "";

function hashOf({ key, value }: Entry, fail: Fail): string {
  const hash = text(value);
  if (!BCRYPT.test(hash)) {
    fail(
      value ?? key,
      `password of user "${text(key)}" is no bcrypt hash; make one with: htpasswd -nBC 10 "" | tr -d ':\\n'`,
    );
  }
  return hash;
}

/** Who may change groups of which jobs. Of several prefixes of a job's name the longest counts; of none, everybody may. */
export class JobAccess {
  readonly #path: string;
  readonly #auth: BasicAuth;
  readonly #logger: Logger;
  #users: JobUsers;
  #changedAtMs: number;

  /** Throws UsersFileError. */
  constructor(path: string, auth: BasicAuth, logger: Logger) {
    this.#path = path;
    this.#auth = auth;
    this.#logger = logger;
    // Before it is read: what changes meanwhile is a change.
    this.#changedAtMs = this.#modified();
    this.#users = readUsersFile(path);
  }

  async mayChange(job: string, authorization: string | undefined): Promise<boolean> {
    this.#readAgain();
    const prefix = [...this.#users.keys()].filter((one) => job.startsWith(one)).sort((a, b) => b.length - a.length)[0];
    return prefix === undefined || this.#auth.allows(authorization, this.#users.get(prefix)!);
  }

  /** Only those of the empty prefix may delete everything. */
  async mayWipe(authorization: string | undefined): Promise<boolean> {
    this.#readAgain();
    return this.#auth.allows(authorization, this.#users.get("") ?? new Map());
  }

  #modified(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  /** A file that was changed counts from the next request on; one that cannot be used leaves what was. */
  #readAgain(): void {
    const changedAtMs = this.#modified();
    if (changedAtMs === this.#changedAtMs) return;
    this.#changedAtMs = changedAtMs;
    try {
      this.#users = readUsersFile(this.#path);
      this.#logger.info("Users file read again", { file: this.#path });
    } catch (error) {
      this.#logger.error("Users file cannot be used, the old users stay", { err: error });
    }
  }
}
