import { formatProblem, type Problem } from "@narthex/config";
import { compareBytewise } from "@narthex/model";
import { type Clock, type Logger, Mutex, runInTimeSlices } from "@narthex/runtime";
import type { RuleFileOptions } from "../rule-file.ts";
import type { RuleFiles } from "../manager.ts";
import { groupListParts } from "./group-content.ts";
import { namespacesYaml, textsOf } from "./namespace-yaml.ts";
import { RuleFolder } from "./rule-folder.ts";
import type { Author, GroupChange, RuleHistory } from "./rule-history.ts";
import { RuleStoreError } from "./rule-store-error.ts";
import { parseGroup, parseStoredFile, type StoredGroup } from "./stored-group.ts";

/** Maximum number of groups in all namespaces. */
const MAX_GROUPS = 10_000;
/** Maximum number of namespaces. */
const MAX_NAMESPACES = 2000;
/** Maximum number of characters of all groups, so that one answer can list them. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** A namespace: groups that are stored in one rule file. */
export interface StoredNamespace {
  readonly name: string;
  readonly path: string;
  /** Groups by name, in the order of the file. */
  readonly groups: ReadonlyMap<string, StoredGroup>;
  /** Problems of a file that another program has written. Such a namespace has no groups. */
  readonly problems: readonly Problem[];
}

/** A condition of a change: the headers If-Match and If-None-Match. */
export interface Precondition {
  /** Tags of which one must be the current tag; "*" for any. Undefined for no condition. */
  readonly match?: readonly string[] | undefined;
  /** True if the group must not exist. */
  readonly isNew?: boolean;
}

/** A namespace, or one group of it. */
export interface Place {
  readonly namespace: string;
  readonly group?: string | undefined;
}

interface Options {
  readonly folder: string;
  readonly history: RuleHistory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly language: () => RuleFileOptions;
  /** Returns whether the configuration has loaded a rule file with this name. */
  readonly isProtected: (namespace: string) => boolean;
  /** Receives the rule files after each change, to apply them soon. */
  readonly apply: (files: RuleFiles) => void;
}

/**
 * Rule groups that clients store, in namespaces. A namespace is a rule file of a folder. A change is checked as a rule
 * file, written to the history and to the file, and then applied. If a step before the last one fails, nothing changes.
 */
export class RuleStore {
  readonly history: RuleHistory;
  readonly #options: Options;
  readonly #folder: RuleFolder;
  readonly #writes = new Mutex();
  #namespaces: ReadonlyMap<string, StoredNamespace> = new Map();
  /** The options with which the folder was read last. */
  #readWith: RuleFileOptions | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#folder = new RuleFolder(options.folder);
    this.history = options.history;
  }

  /** Namespaces, sorted by name. */
  get namespaces(): readonly StoredNamespace[] {
    return [...this.#namespaces.values()].sort((a, b) => compareBytewise(a.name, b.name));
  }

  /** Reads the folder, and applies its groups. A broken file is logged, and has no groups. */
  read(): Promise<void> {
    return this.#writes.runExclusive(async () => {
      const { clock, logger, language } = this.#options;
      const found = new Map<string, StoredNamespace>();
      for (const { namespace, path, text, problem } of await this.#folder.read()) {
        if (text === undefined) {
          const problems = [unreadable(path, problem)];
          logger.error("Stored rules are broken", { err: formatProblem(problems[0]!) });
          // A second file of the namespace does not hide the first.
          if (!found.has(namespace)) found.set(namespace, { name: namespace, path, groups: new Map(), problems });
          continue;
        }
        const before = this.#namespaces.get(namespace);
        if (before !== undefined && this.#isUnchanged(before, text)) {
          found.set(namespace, before);
          continue;
        }
        const parsed = await runInTimeSlices(clock, parseStoredFile(text, path, language()));
        const groups = parsed.ok
          ? parsed.value.map((group) => keptObject(group, this.#find(namespace, group.name)))
          : [];
        const problems = parsed.ok ? [] : parsed.problems;
        for (const problem of problems) logger.error("Stored rules are broken", { err: formatProblem(problem) });
        found.set(namespace, { name: namespace, path, groups: byName(groups), problems });
      }
      this.#namespaces = found;
      this.#readWith = language();
      await this.#withdrawLost();
      this.#options.apply(this.#files());
    });
  }

  /** Returns whether a file has the groups of a namespace, which were read with the same options. */
  #isUnchanged({ groups }: StoredNamespace, text: string): boolean {
    const { parser, scheme } = this.#options.language();
    const isSameLanguage = this.#readWith?.parser === parser && this.#readWith?.scheme === scheme;
    return isSameLanguage && groups.size > 0 && fileText(groups) === text;
  }

  /** Returns a namespace; undefined if it has no groups. */
  namespace(name: string): StoredNamespace | undefined {
    return this.#namespaces.get(name);
  }

  /** Returns a group. Throws RuleStoreError. */
  group(namespace: string, name: string): StoredGroup {
    const group = this.#find(namespace, name);
    if (group === undefined) throw new RuleStoreError("missing", "group does not exist");
    return group;
  }

  /** Adds or replaces the group of a request's body. Rejects with RuleStoreError. */
  set(namespace: string, body: string, author: Author, condition: Precondition = {}): Promise<StoredGroup> {
    return this.#writes.runExclusive(async () => {
      this.#checkWritable(namespace);
      const { clock, language } = this.#options;
      const group = await runInTimeSlices(clock, parseGroup(body, language()));
      const before = this.#find(namespace, group.name);
      checkCondition(condition, before?.tag);
      if (before?.text === group.text) return before;
      const groups = new Map(this.#namespaces.get(namespace)?.groups).set(group.name, group);
      this.#checkLimits(namespace, groups);
      await this.#replace(namespace, groups, author, [changeOf(namespace, before, group)]);
      const { foreign } = group;
      if (foreign.length > 0) {
        const fields = foreign.join(", ");
        this.#options.logger.warn("Fields of a rule group have no effect", { namespace, group: group.name, fields });
      }
      return group;
    });
  }

  /** Removes a group, or all groups of a namespace. Rejects with RuleStoreError. */
  remove({ namespace, group: name }: Place, author: Author, condition: Precondition = {}): Promise<void> {
    return this.#writes.runExclusive(async () => {
      this.#checkProtected(namespace);
      const found = this.#namespaces.get(namespace);
      if (found === undefined) throw missing(name);
      if (name === undefined) {
        const { tag } = await runInTimeSlices(this.#options.clock, namespacesYaml([found]));
        checkCondition(condition, tag);
        const changes = Array.from(found.groups.values(), (group) => changeOf(namespace, group, undefined));
        await this.#replace(namespace, new Map(), author, changes);
        return;
      }
      this.#checkWritable(namespace);
      const group = this.group(namespace, name);
      checkCondition(condition, group.tag);
      const groups = new Map(found.groups);
      groups.delete(name);
      await this.#replace(namespace, groups, author, [changeOf(namespace, group, undefined)]);
    });
  }

  #find(namespace: string, group: string): StoredGroup | undefined {
    return this.#namespaces.get(namespace)?.groups.get(group);
  }

  #checkProtected(namespace: string): void {
    if (this.#options.isProtected(namespace)) {
      throw new RuleStoreError("protected", "namespace is protected, no modification allowed: it is a rule file");
    }
  }

  #checkWritable(namespace: string): void {
    this.#checkProtected(namespace);
    const [problem] = this.#namespaces.get(namespace)?.problems ?? [];
    if (problem === undefined) return;
    const hint = "repair the file and reload the server, or delete the namespace";
    throw new RuleStoreError("disk", `the stored file is broken: ${formatProblem(problem)}; ${hint}`);
  }

  #checkLimits(namespace: string, groups: ReadonlyMap<string, StoredGroup>): void {
    const others = this.namespaces.filter(({ name }) => name !== namespace);
    const isNew = !this.#namespaces.has(namespace);
    const limit = (what: string, most: number): never => {
      throw new RuleStoreError("limit", `${what}, the limit is ${most}; delete some, or use rule files`);
    };
    if (isNew && others.length >= MAX_NAMESPACES) limit("there would be too many namespaces", MAX_NAMESPACES);
    const all = [...others.map((other) => other.groups), groups];
    if (all.reduce((sum, { size }) => sum + size, 0) > MAX_GROUPS) limit("there would be too many groups", MAX_GROUPS);
    let characters = 0;
    for (const some of all) for (const { text } of some.values()) characters += text.length;
    if (characters > MAX_CHARACTERS) limit("the groups would have too many characters", MAX_CHARACTERS);
  }

  /** Stores the groups of a namespace with the changes that lead to them, and applies them. */
  async #replace(
    namespace: string,
    groups: ReadonlyMap<string, StoredGroup>,
    author: Author,
    changes: readonly Change[],
  ): Promise<void> {
    const path = this.#namespaces.get(namespace)?.path ?? this.#folder.newPath(namespace);
    if (path === undefined) {
      throw new RuleStoreError("limit", "the name of the namespace is too long for a file; use a shorter name");
    }
    const { clock } = this.#options;
    const at = Math.floor(clock.now());
    const ids = await this.#attempt(() => this.history.add(changes.map((change) => ({ at, ...author, ...change }))));
    try {
      await this.#attempt(() =>
        groups.size === 0 ? this.#folder.remove(path) : this.#folder.write(path, fileText(groups)),
      );
    } catch (error) {
      await this.history.withdraw(ids).catch(() => undefined);
      throw error;
    }
    const next = new Map(this.#namespaces);
    if (groups.size === 0) next.delete(namespace);
    else next.set(namespace, { name: namespace, path, groups, problems: [] });
    this.#namespaces = next;
    await this.history
      .trim()
      .catch((error: unknown) =>
        this.#options.logger.warn("The history of rules could not be shortened", { err: error }),
      );
    this.#options.apply(this.#files());
  }

  async #attempt<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#options.logger.error("Rules could not be stored", { err: why });
      throw new RuleStoreError("disk", `the rules could not be stored, and are unchanged: ${why}`, { cause });
    }
  }

  /** Removes the newest change from the history if the server was killed before it changed the file. */
  async #withdrawLost(): Promise<void> {
    const newest = await this.history.newest();
    if (newest === undefined) return;
    const text = this.#find(newest.namespace, newest.group)?.text ?? null;
    if (text !== newest.after && text === newest.before) await this.history.withdraw([newest.id]);
  }

  #files(): RuleFiles {
    return new Map(
      this.namespaces.map(({ name, groups }) => [name, Array.from(groups.values(), ({ spec }) => spec)] as const),
    );
  }
}

type Change = Pick<GroupChange, "namespace" | "group" | "before" | "after">;

const changeOf = (namespace: string, before: StoredGroup | undefined, after: StoredGroup | undefined): Change => ({
  namespace,
  group: (after ?? before)!.name,
  before: before?.text ?? null,
  after: after?.text ?? null,
});

const unreadable = (file: string, message: string): Problem => ({
  file,
  line: 0,
  column: 0,
  code: "unreadable",
  message,
  hint: "",
});

const byName = (groups: readonly StoredGroup[]): ReadonlyMap<string, StoredGroup> =>
  new Map(groups.map((group) => [group.name, group]));

/** Returns the group from before if it has the same text, so that the rule manager sees that nothing has changed. */
const keptObject = (group: StoredGroup, before: StoredGroup | undefined): StoredGroup =>
  before?.text === group.text ? before : group;

const missing = (group: string | undefined): RuleStoreError =>
  new RuleStoreError("missing", group === undefined ? "namespace does not exist" : "group does not exist");

function checkCondition({ match, isNew = false }: Precondition, tag: string | undefined): void {
  const hint = "read it again, and repeat the change";
  if (isNew && tag !== undefined) throw new RuleStoreError("changed", `the group exists already; ${hint}`);
  if (match === undefined) return;
  if (tag === undefined) throw new RuleStoreError("changed", `the group does not exist any more; ${hint}`);
  if (!match.includes("*") && !match.includes(tag)) {
    throw new RuleStoreError("changed", `someone else has changed the group; ${hint}`);
  }
}

const fileText = (groups: ReadonlyMap<string, StoredGroup>): string =>
  [...groupListParts("groups", textsOf(groups))].join("");
