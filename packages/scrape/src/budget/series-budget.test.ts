import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const lines = (...names: readonly (number | string)[]): string => names.map((name) => `x{i="${name}"} 1\n`).join("");
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Collects the notices that the UI would show. */
class ShownNotices {
  readonly texts = new Set<string>();

  add(text: string): void {
    this.texts.add(text);
  }

  remove(text: string): void {
    this.texts.delete(text);
  }
}

function budgeted() {
  const notices = new ShownNotices();
  const scrape = new ScriptedScrape({ notices });
  const config = (budget: string, targets = "h:1, h:2", more = ""): Promise<void> =>
    scrape.apply(
      `scrape_configs: [{job_name: a, scrape_interval: 10s, ${budget}${more} static_configs: [{targets: [${targets}]}]}]`,
    );
  const page = (target: number, ...names: readonly (number | string)[]): void => {
    scrape.answers.set(`http://h:${target}/metrics`, lines(...names));
  };
  const messages = (): string[] =>
    scrape.logger.lines.filter(({ message }) => message.includes("budget")).map(({ message }) => message);
  const metrics = async (): Promise<Record<string, number>> => {
    const out: Record<string, number> = {};
    for (const { name, samples } of await scrape.self.families()) {
      if (!name.startsWith("narthex_scrape_series_budget")) continue;
      expect(samples.map(({ labels }) => labels)).toEqual([["scrape_job", "a"]]);
      out[name.replace("narthex_scrape_series_", "")] = samples[0]!.value!;
    }
    return out;
  };
  const samplesOf = (name: number | string): number =>
    Object.entries(scrape.stored())
      .filter(([series]) => series.includes(`i="${name}"`))
      .flatMap(([, rows]) => rows)
      .filter((row) => !row.endsWith("stale")).length;
  return { scrape, notices: notices.texts, config, page, messages, metrics, samplesOf };
}

test("a job without a budget logs and shows nothing about it", async () => {
  const { scrape, config, page, messages, metrics, notices } = budgeted();
  page(1, ...range(0, 100));
  await config("");
  await scrape.clock.advance(30_000);
  expect(Object.keys(scrape.stored())).toHaveLength(100);
  expect(messages()).toEqual([]);
  expect([...notices]).toEqual([]);
  expect(await metrics()).toEqual({});
});

test("a job is warned once near its budget and once over it, and reported once when it is below again; all series are kept", async () => {
  const { scrape, config, page, messages, metrics, notices } = budgeted();
  page(1, ...range(0, 40));
  page(2, ...range(40, 39));
  await config("series_budget: {series: 100},");
  await scrape.clock.advance(20_000);
  expect(messages()).toEqual([]);
  page(2, ...range(40, 40));
  await scrape.clock.advance(30_000);
  expect(messages()).toEqual(["Scrape job is near its budget of series"]);
  expect([...notices]).toEqual(['Scrape job "a" is near its budget of 100 series.']);
  page(2, ...range(40, 61));
  await scrape.clock.advance(30_000);
  expect(messages().slice(1)).toEqual(["Scrape job is over its budget of series"]);
  expect([...notices]).toEqual(['Scrape job "a" is over its budget of 100 series.']);
  expect(Object.keys(scrape.stored())).toHaveLength(101);
  expect(await metrics()).toEqual({
    budget: 100,
    budget_series: 101,
    budget_cut_series: 0,
    budget_cut_samples_total: 0,
  });
  // A job that was over its budget and is now only slightly below it still counts as over its budget.
  page(2, ...range(40, 56));
  await scrape.clock.advance(20_000);
  expect(messages()).toHaveLength(2);
  page(2, ...range(40, 10));
  await scrape.clock.advance(20_000);
  expect(messages().slice(2)).toEqual(["Scrape job is within its budget of series again"]);
  expect([...notices]).toEqual([]);
});

test("over its budget, a job with action cut accepts no new series, keeps its existing ones, and counts the omitted samples", async () => {
  const { scrape, config, page, messages, metrics, notices, samplesOf } = budgeted();
  page(1, ...range(0, 3));
  page(2, ...range(3, 2));
  await config("series_budget: {series: 6, action: cut},");
  await scrape.clock.advance(20_000);
  const before = samplesOf(0);
  page(1, "first", "second", "third", ...range(0, 3));
  await scrape.clock.advance(30_000);
  expect([samplesOf("first"), samplesOf("second"), samplesOf("third")]).toEqual([3, 0, 0]);
  expect(samplesOf(0)).toBe(before + 3);
  expect(messages()).toEqual([
    "Scrape job is near its budget of series",
    "Scrape job is over its budget of series, new ones are left out",
  ]);
  expect([...notices]).toEqual(['Scrape job "a" is over its budget of 6 series. New ones are left out.']);
  expect(await metrics()).toEqual({ budget: 6, budget_series: 6, budget_cut_series: 2, budget_cut_samples_total: 6 });
  // Checks that the scrape succeeds and its report contains the number of samples.
  const reports = scrape.stored(true);
  expect(reports['up{instance="h:1", job="a"}']!.every((row) => row.endsWith(" 1"))).toBe(true);
  expect(reports['scrape_samples_post_metric_relabeling{instance="h:1", job="a"}']!.at(-1)).toMatch(/ 6$/);
});

test("room of series that ended, and of removed targets, is used by series that were omitted", async () => {
  const { scrape, config, page, samplesOf, metrics } = budgeted();
  page(1, ...range(0, 4));
  page(2, ...range(4, 4));
  await config("series_budget: {series: 4, action: cut},", "h:1");
  await scrape.clock.advance(10_000);
  await config("series_budget: {series: 4, action: cut},");
  await scrape.clock.advance(20_000);
  expect(range(4, 4).map(samplesOf)).toEqual([0, 0, 0, 0]);
  page(1, 0, 1);
  await scrape.clock.advance(20_000);
  expect(range(4, 4).filter((i) => samplesOf(i) > 0)).toEqual([4, 5]);
  expect(await metrics()).toMatchObject({ budget_series: 4, budget_cut_series: 2 });
  await config("series_budget: {series: 4, action: cut},", "h:2");
  await scrape.clock.advance(20_000);
  expect(range(4, 4).filter((i) => samplesOf(i) > 0)).toEqual([4, 5, 6, 7]);
  expect(await metrics()).toMatchObject({ budget_series: 4, budget_cut_series: 0 });
});

test("a notice is removed together with the targets, without another scrape", async () => {
  const { scrape, config, page, notices, messages } = budgeted();
  page(1, ...range(0, 4));
  page(2, ...range(4, 4));
  await config("series_budget: {series: 4},");
  await scrape.clock.advance(20_000);
  expect([...notices]).toEqual(['Scrape job "a" is over its budget of 4 series.']);
  await config("series_budget: {series: 4},", "");
  await scrape.clock.advance(20_000);
  expect([...notices]).toEqual([]);
  expect(messages().slice(-1)).toEqual(["Scrape job is within its budget of series again"]);
});

test("the notice shows the current state, and the log repeats nothing while a job's series vary around its budget", async () => {
  const { scrape, config, page, notices, messages } = budgeted();
  page(1, ...range(0, 5));
  await config("series_budget: {series: 4},", "h:1");
  await scrape.clock.advance(20_000);
  for (const count of [4, 5, 4]) {
    page(1, ...range(0, count));
    await scrape.clock.advance(20_000);
    const stands = count === 5 ? "is over" : "is near";
    expect([...notices]).toEqual([`Scrape job "a" ${stands} its budget of 4 series.`]);
  }
  expect(messages()).toEqual(["Scrape job is over its budget of series"]);
  page(1, ...range(0, 3));
  await scrape.clock.advance(20_000);
  expect([...notices]).toEqual([]);
  expect(messages()).toEqual([
    "Scrape job is over its budget of series",
    "Scrape job is within its budget of series again",
  ]);
});

test("a target whose scrapes fail keeps its stored series within the budget and adds none, and its samples do not count as omitted", async () => {
  const { scrape, config, page, samplesOf, metrics } = budgeted();
  const broken = (target: number, ...names: readonly (number | string)[]): void => {
    scrape.answers.set(`http://h:${target}/metrics`, `${lines(...names)}{broken\n`);
  };
  const budget = "series_budget: {series: 4, action: cut},";
  broken(1, ...range(0, 8));
  page(2, ...range(8, 4));
  await config(budget, "h:1");
  await scrape.clock.advance(20_000);
  expect(await metrics()).toMatchObject({ budget_series: 0, budget_cut_series: 0 });
  await config(budget);
  await scrape.clock.advance(30_000);
  expect(range(8, 4).filter((i) => samplesOf(i) > 1)).toEqual([8, 9, 10, 11]);
  const full = { budget_series: 4, budget_cut_series: 0, budget_cut_samples_total: 0 };
  expect(await metrics()).toMatchObject(full);
  // Makes the body of target 2 invalid. The stored series of target 2 still count towards the budget, so the new series
  // of target 1 is omitted.
  broken(2, ...range(8, 4));
  page(1, "late");
  await scrape.clock.advance(15_000);
  expect(samplesOf("late")).toBe(0);
  expect(await metrics()).toMatchObject({ budget_series: 4, budget_cut_series: 1 });
});

test("sample_limit counts all samples of a target, including those that the budget omits", async () => {
  const { scrape, config, page } = budgeted();
  const ups = (): (string | undefined)[] => [scrape.stored(true)['up{instance="h:1", job="a"}']?.at(-1)?.slice(-2)];
  page(1, ...range(0, 6));
  await config("series_budget: {series: 4, action: cut},", "h:1", " sample_limit: 6,");
  await scrape.clock.advance(20_000);
  expect(ups()).toEqual([" 1"]);
  page(1, ...range(0, 7));
  await scrape.clock.advance(20_000);
  expect(ups()).toEqual([" 0"]);
});

test("a changed budget applies from the next scrape on, and a removed one leaves nothing behind", async () => {
  const { scrape, config, page, samplesOf, metrics, notices } = budgeted();
  page(1, ...range(0, 10));
  await config("series_budget: {series: 4, action: cut},", "h:1");
  await scrape.clock.advance(20_000);
  expect(Object.keys(scrape.stored())).toHaveLength(4);
  await config("series_budget: {series: 7, action: cut},", "h:1");
  expect([...notices]).toEqual(['Scrape job "a" is over its budget of 7 series. New ones are left out.']);
  await scrape.clock.advance(20_000);
  expect(Object.keys(scrape.stored())).toHaveLength(7);
  const kept = samplesOf(0);
  await config("", "h:1");
  expect([...notices]).toEqual([]);
  await scrape.clock.advance(20_000);
  expect(Object.keys(scrape.stored())).toHaveLength(10);
  expect(samplesOf(0)).toBe(kept + 2);
  expect(
    Object.values(scrape.stored())
      .flat()
      .filter((row) => row.endsWith("stale")),
  ).toEqual([]);
  expect(await metrics()).toEqual({});
});

test("stored series continue, although the targets start again", async () => {
  const { scrape, config, page, samplesOf } = budgeted();
  page(1, ...range(0, 4));
  await config("series_budget: {series: 4, action: cut},", "h:1");
  await scrape.clock.advance(20_000);
  page(1, "new", ...range(0, 4), "newer");
  // Sets honor_labels, so that each target gets a new scrape loop without known series. The setting does not change the
  // labels in this test.
  await config("series_budget: {series: 4, action: cut},", "h:1", " honor_labels: true,");
  await scrape.clock.advance(30_000);
  for (const i of range(0, 4)) expect(samplesOf(i)).toBeGreaterThan(3);
  expect([samplesOf("new") > 0, samplesOf("newer") > 0]).toEqual([true, false]);
});
