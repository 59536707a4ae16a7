import { join } from "node:path";
import { defaultHttpClient, formatProblem } from "@narthex/config";
import { createHttpClient, describeFailure, type ExchangeClient } from "@narthex/http";
import { type GroupSpec, parseRuleFileInSteps, type RuleFileOptions } from "@narthex/rules";
import { logOnChange, mapWithLimit, Mutex, runInTimeSlices, type StateLog } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { RulesFeature } from "../rules/rules.ts";
import { type ServerFeature, StartError } from "../server-feature.ts";
import { dataFolder } from "../storage/storage.ts";
import { PinnedRules } from "./pinned-rules.ts";
import { type PinnedUrl, pinnedUrl } from "./pinned-url.ts";

const FLAG = "rules.url";
const WITHOUT_REDIRECTS = { ...defaultHttpClient, followRedirects: false };
/** Number of addresses that are fetched at the same time. */
const AT_ONCE = 4;

/**
 * Adds the feature that evaluates rule files of other servers (`--rules.url`). A file is used only if its checksum is
 * that of the flag. Until an address can be reached, the copy of an earlier run is used.
 */
export function openRuleUrls(context: Context, rules: RulesFeature): ServerFeature {
  if (context.flags[FLAG].length === 0) return { name: "rule URLs" };
  const urls = new RuleUrls(context, rules);
  return {
    name: "rule URLs",
    start: () => urls.start(),
    ready: () => void urls.refresh(),
    stop: () => urls.stop(),
    apply: [
      {
        name: "rule URLs",
        prepare: ({ global }) => ({
          apply: () => urls.apply({ parser: rules.parser, scheme: global.metricNameValidationScheme }),
          discard: () => undefined,
        }),
      },
    ],
  };
}

/** A file, its last valid content, and the state that the log and the UI show. */
interface FileState {
  readonly pinned: PinnedUrl;
  readonly log: StateLog;
  text?: string;
  /** Problems of the rules in the text; "" if the rules are valid. */
  broken: string;
  notice: string;
}

type Groups = readonly GroupSpec[];

class RuleUrls {
  readonly #context: Context;
  readonly #manager: RulesFeature["manager"];
  readonly #files: FileState[] = [];
  readonly #applying = new Mutex();
  #language: RuleFileOptions = {};
  #client: ExchangeClient | undefined;
  #rules: PinnedRules | undefined;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(context: Context, { manager }: RulesFeature) {
    this.#context = context;
    this.#manager = manager;
  }

  /** Reads the flag, and the copies on the disk. Rejects with StartError for an invalid flag. */
  async start(): Promise<void> {
    const { clock, flags, metrics, userAgent } = this.#context;
    const logger = this.#context.logger.child({ component: "rule urls" });
    for (const text of flags[FLAG]) {
      const pinned = pinnedUrl(text);
      if (typeof pinned === "string")
        throw new StartError("Invalid flag", { cause: new Error(`--${FLAG}: ${pinned}`) });
      const log = logOnChange(logger, `Reading the rule file ${pinned.name}`);
      this.#files.push({ pinned, log, broken: "", notice: "" });
    }
    this.#client = await createHttpClient(WITHOUT_REDIRECTS, { dials: metrics.dialers.of("rule_urls"), logger });
    const folder = join(dataFolder(this.#context), "rule-urls");
    this.#rules = new PinnedRules({ folder, client: this.#client, clock, userAgent });
    for (const file of this.#files) {
      const text = await this.#rules.kept(file.pinned);
      if (text !== undefined) file.text = text;
    }
  }

  /** Parses the known files, and evaluates those that are valid. */
  apply(language = this.#language): Promise<void> {
    this.#language = language;
    return this.#applying.runExclusive(() => this.#apply());
  }

  async #apply(): Promise<void> {
    const { clock, logger } = this.#context;
    const groups = new Map<string, Groups>();
    for (const file of this.#files) {
      if (file.text === undefined) continue;
      const { name } = file.pinned;
      const parsed = await runInTimeSlices(clock, parseRuleFileInSteps(file.text, name, this.#language));
      file.broken = parsed.ok ? "" : parsed.problems.map(formatProblem).join("; ");
      if (parsed.ok) groups.set(name, parsed.value);
      else this.#report(file, file.broken);
    }
    this.#manager
      .setPlace("rule URLs", groups)
      .catch((error: unknown) => logger.error("Rules of URLs could not be applied", { err: error }));
  }

  /** Fetches all files now, and again after the interval. */
  async refresh(): Promise<void> {
    let isChanged = false;
    await mapWithLimit(this.#files, AT_ONCE, async (file) => {
      try {
        const text = await this.#rules!.fetch(file.pinned);
        if (file.text !== text) isChanged = true;
        file.text = text;
        this.#report(file, file.broken);
      } catch (error) {
        this.#report(file, describeFailure("GET", file.pinned.name, error));
      }
    });
    if (this.#isStopped) return;
    if (isChanged) await this.apply();
    if (this.#isStopped) return;
    const { clock, flags } = this.#context;
    this.#cancel = clock.after(flags["rules.url-refresh-interval"], () => void this.refresh());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#client?.close();
  }

  /** Logs a changed problem of a file, and shows it in the UI; "" for none. */
  #report(file: FileState, problem: string): void {
    if (problem === "") file.log.succeeded();
    else file.log.failed(problem);
    const notice = problem === "" ? "" : `Rule file ${file.pinned.name}: ${problem}`;
    if (notice === file.notice) return;
    const { notices } = this.#context;
    if (file.notice !== "") notices.remove(file.notice);
    if (notice !== "") notices.add(notice);
    file.notice = notice;
  }
}
