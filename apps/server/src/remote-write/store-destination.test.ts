import { parsePrometheusConfig } from "@narthex/config";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { StoreDestination } from "./store-destination.ts";

function destinations() {
  const logger = memoryLogger();
  const destination = new StoreDestination(logger);
  return {
    of: (yaml: string): string[] => {
      const parsed = parsePrometheusConfig(yaml, "f", {}, () => undefined);
      if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
      return destination.added(parsed.value).remoteWrite.map(({ url }) => url);
    },
    loggedUrls: () => logger.lines.map(({ fields }) => fields["url"]),
  };
}

const STORE =
  "long_term_store: {kind: prometheus, url: 'http://store:80', send: true, remote_write: {url: 'http://store:80/api/v1/write'}}\n";

test("the long-term store is added to the destinations", () => {
  const { of, loggedUrls } = destinations();
  expect(of(`${STORE}remote_write: [{url: 'http://other/api/v1/write'}]`)).toEqual([
    "http://other/api/v1/write",
    "http://store:80/api/v1/write",
  ]);
  expect(of("remote_write: [{url: 'http://other/api/v1/write'}]")).toEqual(["http://other/api/v1/write"]);
  expect(loggedUrls()).toEqual([]);
});

test("if an entry has the store's URL, in any notation, no destination is added, and this is logged once", () => {
  const { of, loggedUrls } = destinations();
  const entry = "http://user:secret@STORE/api/v1/write";
  const named = `${STORE.replaceAll("//store", "//user:secret@store")}remote_write: [{url: '${entry}'}]`;
  for (let reload = 0; reload < 2; reload++) expect(of(named)).toEqual([entry]);
  expect(loggedUrls()).toEqual(["http://user:xxxxx@STORE/api/v1/write"]);
  expect(of(STORE)).toEqual(["http://store:80/api/v1/write"]);
  of(named);
  expect(loggedUrls()).toHaveLength(2);
});
