import { IconBook2, IconFirstAidKit } from "@tabler/icons-react";
import { readIndex, type Result, search, type SiteIndex } from "../../api/docs-search.ts";
import { send } from "../../api/request.ts";
import { homePath, rootPath } from "../../api/root-path.ts";
import type { FoundPlace, PaletteProvider } from "../../shell/palette/palette-provider.ts";

const site = `${homePath ?? rootPath}/docs/`;

let loading: Promise<SiteIndex> | undefined;

/** Returns the search index of the documentation, which is requested once. After a failure it is requested again. */
const siteIndex = (): Promise<SiteIndex> =>
  (loading ??= send(`${site}search-index.json`, { isPreloaded: true })
    .then(async (response) => readIndex(await response.text()))
    .catch(() => {
      loading = undefined;
      last = undefined;
      throw new Error("the search index could not be loaded.");
    }));

const isRunbook = ({ id }: Result): boolean => id.startsWith("runbooks/");

/** The last search. Both providers search the same text, and share its results. */
let last: { readonly text: string; readonly results: Promise<readonly Result[]> } | undefined;

function resultsOf(text: string): Promise<readonly Result[]> {
  if (last?.text !== text) last = { text, results: siteIndex().then((index) => search(index, text)) };
  return last.results;
}

async function found(text: string, isWanted: (result: Result) => boolean): Promise<readonly FoundPlace[]> {
  if (text === "") return [];
  return (await resultsOf(text)).filter(isWanted).map(({ id, title, page }) => ({
    title,
    href: `${site}${id}`,
    ...(page !== "" && { hint: page }),
  }));
}

/** Finds what to do about an alert. */
export const runbookProvider: PaletteProvider = {
  name: "Runbooks",
  icon: IconFirstAidKit,
  find: (text) => found(text, isRunbook),
};

/** Finds sections of the documentation. */
export const docsProvider: PaletteProvider = {
  name: "Documentation",
  icon: IconBook2,
  find: (text) => found(text, (result) => !isRunbook(result)),
};
