import { expect, test } from "vitest";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const SETTINGS = { config: "scrape_configs: []\n", flags: [] };

test.skipIf(lacks("peers")).each<[owner: Kind, other: Kind, refusal: RegExp]>([
  ["narthex", "narthex", /is in use by another process/],
  ["narthex", "prometheus", /lock DB directory: resource temporarily unavailable/],
  ["prometheus", "narthex", /is in use by another process/],
])(
  "while %s uses a data folder, %s does not start with it, and starts when the first has ended",
  async (owner, other, refusal) => {
    using workplace = new Workplace();
    {
      await using first = await serve(owner, workplace, "data", SETTINGS);
      await expect(serve(other, workplace, "data", SETTINGS)).rejects.toThrow(refusal);
      expect((await fetch(`${first.base}/-/ready`)).status).toBe(200);
      first.running.kill("SIGKILL");
      await first.running.ended;
    }
    await using second = await serve(other, workplace, "data", SETTINGS);
    expect((await fetch(`${second.base}/-/ready`)).status).toBe(200);
  },
);
