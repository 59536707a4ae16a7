import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { provisionedSources } from "@narthex/dashboards-app";
import { memoryLogger } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeMachine } from "../testing/fake-machine.ts";
import { exportedFiles } from "./exported-files.ts";

const texts = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll(/\p{C}/gu, ""));

test("the dashboards role reads exported data sources back unchanged, whatever they contain", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        texts.filter((text) => text.trim() !== "" && text.trim() === text),
        { minLength: 1, maxLength: 4 },
      ),
      texts,
      (names, url) => {
        using machine = new FakeMachine();
        const sources = names.map((name, i) => ({
          uid: `u${i}`,
          name,
          type: "prometheus",
          settings: { url, jsonData: { note: url, deep: [url], [`key ${name}`]: 1, [name]: 2 } },
          secrets: [],
        }));
        for (const { path, text } of exportedFiles({ dashboards: [], sources }, "/d")) {
          const place = machine.path(`/${path}`);
          mkdirSync(dirname(place), { recursive: true });
          writeFileSync(place, text);
        }
        const read = provisionedSources(machine.path("/grafana/provisioning"), { cwd: "/", env: {} }, memoryLogger());
        expect(read.map(({ settings }) => [settings.name, settings.url, settings.jsonData])).toEqual(
          names.map((name) => [name, url, { note: url, deep: [url], [`key ${name}`]: 1, [name]: 2 }]),
        );
      },
    ),
    { numRuns: 50, examples: [[["n", "yes", "on", "~", "1:30", "0o17", "<<", "="], "n"]] },
  );
});

test("each dashboard gets its own file in the folder that it was in, whatever its title", () => {
  const names = fc.array(fc.record({ title: texts, folders: fc.array(texts, { maxLength: 3 }) }), { maxLength: 8 });
  fc.assert(
    fc.property(names, (list) => {
      const dashboards = list.map((one, i) => ({
        ...one,
        uid: `uid${i}`,
        isForAdmins: false,
        json: { uid: `uid${i}` },
      }));
      const files = exportedFiles({ dashboards, sources: [] }, "/etc/d").filter(({ path }) => path.endsWith(".json"));
      expect(new Set(files.map(({ path }) => path)).size).toBe(list.length);
      for (const [i, { path, text }] of files.entries()) {
        expect(path).toMatch(/^grafana\/dashboards\/[^.]/);
        expect(path.split("/").slice(2)).toHaveLength(list[i]!.folders.length + 1);
        expect(path.split("/")).not.toContain("..");
        expect(JSON.parse(text)).toEqual({ uid: `uid${i}` });
      }
    }),
  );
});
