import { existsSync, mkdirSync, rmSync } from "node:fs";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { ours, theirProgram, theirs } from "../exporters.ts";
import { differences, familyLines } from "../family-lines.ts";
import { DIRECTORIES, randomTextfiles } from "./random-textfiles.ts";
import { Workplace } from "../../support/workplace.ts";

const ROUNDS = testCases(80, 200);

/** Matches metrics that do not come from the text files. */
const LEFT_OUT = /^(?:node_exporter_build_info|node_scrape_collector_duration_seconds)/;

test.skipIf(!existsSync(theirProgram))("folders of text files are printed as node_exporter prints them", async () => {
  using workplace = new Workplace();
  const folder = workplace.path("files");
  mkdirSync(folder);
  const flags = [
    "--collector.disable-defaults",
    "--web.disable-exporter-metrics",
    "--collector.textfile",
    ...DIRECTORIES.map((pattern) => `--collector.textfile.directory=files/${pattern}`),
  ];
  await using their = await theirs(flags, workplace.folder);
  await using our = await ours(flags, workplace.folder);
  const seed = testSeed();
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    randomTextfiles(new Random(seed + round), folder);
    // oxlint-disable-next-line no-await-in-loop -- one layout at a time
    const [wanted, found] = await Promise.all([their.metrics(), our.metrics()]);
    const unlike = differences(familyLines(wanted, LEFT_OUT), familyLines(found, LEFT_OUT));
    expect(unlike, `NARTHEX_SEED=${seed + round}, first round`).toEqual([]);
  }
});
