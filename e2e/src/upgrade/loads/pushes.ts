import { type Load, request } from "../load.ts";

const GROUPS = 5;

/**
 * Clients that push groups repeatedly, and sometimes delete a group and push it again. The last push of each group must
 * be stored.
 */
export class Pushes implements Load {
  readonly what = "pushes and deletions of groups";
  readonly role = "pushgateway";
  readonly intervalMs = 100;
  readonly #base: string;
  /** Last value of each group; undefined after the group's deletion. */
  readonly #values = new Map<number, number | undefined>();
  acknowledged = 0;

  constructor(base: string) {
    this.#base = base;
  }

  async change(): Promise<void> {
    const group = this.acknowledged % GROUPS;
    const url = `${this.#base}/metrics/job/upgrade/instance/${group}`;
    const value = this.acknowledged % 13 === 12 ? undefined : this.acknowledged;
    if (value === undefined) await request(url, "DELETE");
    else await request(url, "PUT", `upgrade_pushed ${value}\n`);
    this.#values.set(group, value);
    this.acknowledged++;
  }

  async problems(): Promise<readonly string[]> {
    const page = await request(`${this.#base}/metrics`);
    const found = new Map(
      [...page.matchAll(/^upgrade_pushed\{instance="(\d+)",.*\} (\S+)$/gm)].map(([, group, value]) => [
        Number(group),
        Number(value),
      ]),
    );
    // A change without an acknowledgement may have been stored. The client repeats the change before the check.
    return [...this.#values]
      .filter(([group, value]) => found.get(group) !== value)
      .map(([group, value]) => `group ${group} has ${found.get(group) ?? "nothing"}, not ${value ?? "nothing"}`);
  }
}
