import { ESCAPING_SCHEMES, type EscapingScheme, type MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import { Breath, breathing, type Clock } from "@narthex/runtime";
import type { Collector } from "./collector.ts";
import { Emission, SeriesTable } from "./emission.ts";
import { familiesOf } from "./families.ts";
import { beginLook } from "./kept-files.ts";
import { type CollectionOptions, Member, type Outcome } from "./member.ts";
import { gauge } from "./metric.ts";
import { OneByOne } from "./one-by-one.ts";
import { ScrapePage } from "./scrape-page.ts";

export type { CollectionOptions } from "./member.ts";

const DURATION = gauge("node_scrape_collector_duration_seconds", "node_exporter: Duration of a collector scrape.", [
  "collector",
]);
const SUCCESS = gauge("node_scrape_collector_success", "node_exporter: Whether a collector succeeded.", ["collector"]);

/** Collectors run this long before others have a turn. */
const STRETCH_MS = 5;
/** Layouts kept: selections of collectors that are asked for in turns. */
const MOST_PAGES = 8;

/** Which collectors, and how long they may take. */
export interface Look {
  /** All without it. */
  readonly names?: ReadonlySet<string> | undefined;
  /** For one collector; at most, and by default, the collection's own limit. */
  readonly limitMs?: number | undefined;
}

/** A look that is printed. */
export interface TextLook extends Look {
  readonly escaping: EscapingScheme;
  /** Families that go out with those of the collectors, their series in order. */
  readonly added: readonly MetricFamily[];
}

/** The enabled collectors of one exporter. */
export interface Collection {
  /** Names in byte order. */
  readonly names: readonly string[];
  /** Reads the host once with the collectors named (all without the argument); families and series come sorted. */
  gather(names?: ReadonlySet<string>, limitMs?: number): Promise<MetricFamily[]>;
  /** Reads the host once; what the text format prints of it goes to `use`, and is good until that is done. */
  print<T>(look: TextLook, use: (text: Uint8Array) => T | Promise<T>): Promise<T>;
}

/** Opens the collectors. Throws SettingsError where their flags contradict each other. */
export function openCollection(collectors: readonly Collector[], options: CollectionOptions): Collection {
  const members = collectors
    .map((collector) => new Member(collector, options))
    .toSorted((a, b) => compareBytewise(a.name, b.name));
  const pages = new Pages();
  const table = new SeriesTable();
  const told = new Emission(table);
  const added = new Emission(table);
  const writing = new OneByOne();
  const look = async <T>(
    { names, limitMs = Infinity }: Look,
    use: (emissions: readonly Emission[]) => T | Promise<T>,
  ): Promise<T> => {
    const chosen = names === undefined ? members : members.filter((member) => names.has(member.name));
    const outcomes = await runAll(chosen, options.clock, Math.min(limitMs, options.timeLimitMs));
    const held = outcomes.flatMap(({ emission }) => emission ?? []);
    try {
      return await writing.run(() => use([...held, about(chosen, outcomes, told)]));
    } finally {
      for (const emission of held) emission.holders--;
    }
  };
  return {
    names: members.map((member) => member.name),
    gather: (names, limitMs) =>
      look({ names, limitMs }, (emissions) =>
        breathing(
          options.clock,
          familiesOf(emissions, ({ values }, position) => values[position]!),
        ),
      ),
    print: (wanted, use) =>
      look(wanted, (emissions) => {
        added.begin();
        for (const family of wanted.added) added.addFamily(family, true);
        const text = breathing(options.clock, pages.of(wanted).writing(emissions, added));
        return text instanceof Promise ? text.then(use) : use(text);
      }),
  };
}

/** Runs collectors, those first that waited for something last time; sorted as they were given. */
async function runAll(members: readonly Member[], clock: Clock, limitMs: number): Promise<Outcome[]> {
  beginLook();
  const outcomes = new Map<Member, Outcome | Promise<Outcome>>();
  for (const member of members) if (member.isSlow) outcomes.set(member, member.run(limitMs));
  const breath = new Breath(clock, STRETCH_MS);
  for (const member of members) {
    if (outcomes.has(member)) continue;
    outcomes.set(member, member.run(limitMs));
    const pause = breath.taken();
    if (pause !== undefined) await pause;
  }
  return Promise.all(members.map(async (member) => outcomes.get(member)!));
}

/** The lines about the collectors themselves. */
function about(members: readonly Member[], outcomes: readonly Outcome[], into: Emission): Emission {
  into.begin();
  for (const [i, { name }] of members.entries()) {
    into.addOne(DURATION, outcomes[i]!.tookMs / 1000, name);
    into.addOne(SUCCESS, outcomes[i]!.isGood ? 1 : 0, name);
  }
  return into;
}

/** Layouts by what is asked for; the one not asked for longest goes first. */
class Pages {
  readonly #pages = new Map<string, ScrapePage>();

  of({ names, escaping }: TextLook): ScrapePage {
    const key = `${ESCAPING_SCHEMES.indexOf(escaping)} ${names === undefined ? "" : [...names].join(" ")}`;
    const page = this.#pages.get(key) ?? new ScrapePage(escaping);
    this.#pages.delete(key);
    this.#pages.set(key, page);
    if (this.#pages.size > MOST_PAGES) this.#pages.delete(this.#pages.keys().next().value!);
    return page;
  }
}
