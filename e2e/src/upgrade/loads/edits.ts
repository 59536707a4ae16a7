import { type Load, request } from "../load.ts";

const DASHBOARDS = 3;

/** Clients that save dashboards repeatedly. The last save of each dashboard must be stored. */
export class Edits implements Load {
  readonly what = "saves of dashboards";
  readonly role = "dashboards";
  readonly intervalMs = 250;
  readonly #base: string;
  readonly #titles = new Map<string, string>();
  acknowledged = 0;

  constructor(base: string) {
    this.#base = base;
  }

  async change(): Promise<void> {
    const uid = `upgrade-${this.acknowledged % DASHBOARDS}`;
    const title = `${uid}, edit ${this.acknowledged}`;
    const text = { id: 1, type: "text", title, gridPos: { x: 0, y: 0, w: 24, h: 4 }, options: { content: title } };
    await request(`${this.#base}/api/dashboards/db`, "POST", {
      dashboard: { uid, title, schemaVersion: 39, panels: [text] },
      overwrite: true,
    });
    this.#titles.set(uid, title);
    this.acknowledged++;
  }

  async problems(): Promise<readonly string[]> {
    const sentences: string[] = [];
    for (const [uid, title] of this.#titles) {
      const { dashboard } = JSON.parse(await request(`${this.#base}/api/dashboards/uid/${uid}`)) as {
        dashboard: { title: string; panels: readonly { title: string }[] };
      };
      const found = [dashboard.title, ...dashboard.panels.map((panel) => panel.title)];
      if (found.join() !== [title, title].join()) sentences.push(`${uid} is ${JSON.stringify(found)}, not ${title}`);
    }
    return sentences;
  }
}
