import { expect, test } from "vitest";
import { lacks, peers } from "../support/requirements.ts";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { editionOf } from "./edition.ts";
import { walk } from "./walk.ts";

/**
 * Loads that the original programs support. Loads of dashboards are missing, because these programs have no dashboards.
 */
const LOADS = [
  "scrapes of a target",
  "samples by remote write",
  "silences made and expired",
  "posts of a firing alert",
  "pushes and deletions of groups",
];

test.skipIf(lacks("peers"))(
  "from the originals to Narthex, back and forward again over the same folders, under load, no acknowledged change is lost",
  async () => {
    using workplace = new Workplace();
    const [originals, ours] = [editionOf(peers, workplace), editionOf(root, workplace)];
    let acknowledged: ReadonlyMap<string, number> = new Map();
    for await (const stage of walk([originals, ours, originals, ours], workplace, 1)) {
      expect([stage.problems, stage.refused], `with ${stage.edition.name}`).toEqual([[], []]);
      ({ acknowledged } = stage);
    }
    expect([...acknowledged].filter(([, count]) => count > 0).map(([what]) => what)).toEqual(LOADS);
  },
);
