import { type OrgRole, type ReadLimit, selectorOf } from "@narthex/http";
import type { Matcher } from "@narthex/model";
import { parseSelector, unionOfMatchers } from "@narthex/promql/syntax";
import { SettingsError } from "../settings/load-settings.ts";
import type { Settings } from "../settings/setting-table.ts";
import { refusal } from "../web/refusal.ts";

/** Maximum length of a selector that limits a team or a token, in characters. */
const MAX_LENGTH = 4096;

/** Maximum number of limits that are cached, one for each combination of selectors. */
const MAX_REMEMBERED = 1000;

/**
 * Reason why members of several teams may read nothing: no single selector can express the matchers of all their teams.
 */
const NO_UNION =
  "the matchers of your teams differ in more than one label, so no query can be limited to them: ask an admin to use one label, such as team, in narthexMatchers of all your teams";

/** Returns a selector in its canonical form. Throws Refusal if it is invalid or has no matchers. */
export function checkedSelector(text: string): string {
  if (text.length > MAX_LENGTH) throw refusal(400, `matchers can have at most ${MAX_LENGTH} characters`);
  const parsed = parseSelector(text);
  if (!parsed.ok) throw refusal(400, `matchers: ${parsed.errors[0].toString()}; write for example {team="a"}`);
  if (parsed.matchers.length === 0)
    throw refusal(400, 'matchers must name at least one label; write for example {team="a"}');
  return selectorOf(parsed.matchers);
}

/**
 * Returns the selector in the settings, which limits users, tokens and visitors who are in no team with matchers.
 * Returns undefined if the settings contain none. Throws SettingsError.
 */
function defaultSelector(settings: Settings): string | undefined {
  const text = settings["auth.default_matchers"].trim();
  if (text === "") return undefined;
  try {
    return checkedSelector(text);
  } catch (error) {
    throw new SettingsError(`auth.default_matchers: ${(error as Error).message}`);
  }
}

/** Parses a valid selector into its matchers. */
function matchersOf(selector: string): readonly Matcher[] {
  const parsed = parseSelector(selector);
  if (!parsed.ok) throw parsed.errors[0];
  return parsed.matchers;
}

/**
 * Computes the limit of an account from the selectors of its teams and of its token. Remembers the results, because
 * each request of an account needs them.
 */
export class ReadLimits {
  readonly #remembered = new Map<string, ReadLimit | undefined>();
  readonly #usual: readonly string[];

  /** Throws SettingsError if the matchers in the settings are invalid. */
  constructor(settings: Settings) {
    const usual = defaultSelector(settings);
    this.#usual = usual === undefined ? [] : [usual];
  }

  /**
   * Returns the read limit of an account; undefined if it may read all series. The account may read the series of each
   * of its teams, or those in the settings if no team has matchers. Admins are not limited by teams and settings. A
   * token may limit each account further.
   */
  of(role: OrgRole, ofTeams: readonly string[], token?: string): ReadLimit | undefined {
    const teams = role === "Admin" ? [] : ofTeams.length === 0 ? this.#usual : ofTeams;
    if (teams.length === 0 && token === undefined) return undefined;
    const key = JSON.stringify([teams, token]);
    if (this.#remembered.has(key)) return this.#remembered.get(key);
    const limit = limitOf(teams, token);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, limit);
    return limit;
  }
}

function limitOf(teams: readonly string[], token: string | undefined): ReadLimit | undefined {
  const own = token === undefined ? [] : matchersOf(token);
  if (teams.length === 0) return { kind: "matchers", matchers: own };
  const union = unionOfMatchers(teams.map(matchersOf));
  if (union === undefined) return { kind: "nothing", reason: NO_UNION };
  const all = new Map([...own, ...union].map((matcher) => [String(matcher), matcher]));
  return { kind: "matchers", matchers: [...all.values()] };
}
