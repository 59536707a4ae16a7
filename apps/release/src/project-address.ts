import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ReleaseError } from "./release-error.ts";

/** Shown if a release names no address: the files are complete, but their users cannot find the project. */
export const NO_ADDRESS =
  'the files name no address of the project; set "repository" in package.json, or the variable NARTHEX_REPOSITORY';

/**
 * Returns the address of the project's repository: NARTHEX_REPOSITORY, or the field `repository` in the package.json of
 * the checkout. Returns undefined if there is neither. Throws ReleaseError for anything but an https address.
 */
export function projectAddress(root: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = env["NARTHEX_REPOSITORY"] || addressInManifest(join(root, "package.json"));
  if (named === undefined || named === "") return undefined;
  const address = withoutEnd(withoutEnd(named.replace("git+https:", "https:"), "/"), ".git");
  if (!URL.canParse(address) || new URL(address).protocol !== "https:" || address.includes(" "))
    throw new ReleaseError(`the project's repository is ${JSON.stringify(named)}; give an https address`);
  return address;
}

const withoutEnd = (text: string, end: string): string => (text.endsWith(end) ? text.slice(0, -end.length) : text);

function addressInManifest(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const { repository } = JSON.parse(text) as { repository?: string | { url?: string } };
  return typeof repository === "object" ? repository.url : repository;
}

/**
 * Returns the fields of an npm package that name the project.
 * @param directory the package's folder in the repository; omitted for the whole repository
 */
export const addressFields = (address: string | undefined, directory?: string): object =>
  address === undefined
    ? {}
    : {
        homepage: address,
        repository: { type: "git", url: `git+${address}.git`, ...(directory === undefined ? {} : { directory }) },
      };

/** Returns the last paragraph of a README in a release. */
export const addressParagraph = (address: string | undefined): string =>
  address === undefined ? "" : `\nThe project, its documentation and its releases: ${address}\n`;
