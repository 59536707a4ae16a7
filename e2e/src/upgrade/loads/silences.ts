import { type Load, request } from "../load.ts";

interface Silence {
  readonly id: string;
  readonly comment: string;
  readonly status: { readonly state: string };
}

/** Creates silences; the change after every third silence expires that silence. */
export class Silences implements Load {
  readonly what = "silences made and expired";
  readonly role = "alertmanager";
  readonly intervalMs = 250;
  readonly #api: string;
  /** State by id. */
  readonly #made = new Map<string, { readonly comment: string; state: string }>();
  #last = "";
  acknowledged = 0;

  constructor(base: string) {
    this.#api = `${base}/api/v2`;
  }

  async change(): Promise<void> {
    if (this.acknowledged % 3 === 2) await this.#expire(this.#last);
    else await this.#make(`silence ${this.acknowledged}`);
    this.acknowledged++;
  }

  async #make(comment: string): Promise<void> {
    const now = Date.now();
    const silence = {
      matchers: [{ name: "alertname", value: comment, isRegex: false, isEqual: true }],
      startsAt: new Date(now).toISOString(),
      endsAt: new Date(now + 3_600_000).toISOString(),
      createdBy: "upgrade",
      comment,
    };
    const { silenceID } = JSON.parse(await request(`${this.#api}/silences`, "POST", silence)) as { silenceID: string };
    this.#made.set(silenceID, { comment, state: "active" });
    this.#last = silenceID;
  }

  async #expire(id: string): Promise<void> {
    const { status } = JSON.parse(await request(`${this.#api}/silence/${id}`)) as Silence;
    // Skips the request if an earlier request, whose response was lost, has already expired the silence.
    if (status.state !== "expired") await request(`${this.#api}/silence/${id}`, "DELETE");
    this.#made.get(id)!.state = "expired";
  }

  async problems(): Promise<readonly string[]> {
    const there = JSON.parse(await request(`${this.#api}/silences`)) as readonly Silence[];
    const found = new Map(there.map((silence) => [silence.id, silence]));
    return [...this.#made].flatMap(([id, { comment, state }]) => {
      const silence = found.get(id);
      if (silence === undefined) return [`${comment} (${id}) is missing`];
      if (silence.comment !== comment || silence.status.state !== state)
        return [`${comment} (${id}) is "${silence.comment}", ${silence.status.state}, not ${state}`];
      return [];
    });
  }
}
