import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import { loadSettings } from "../../settings/load-settings.ts";
import { Credentials } from "../credentials/credentials.ts";
import type { AccountSource } from "../oauth/oauth-kind.ts";
import { azureadKind } from "../oauth/kinds/azuread.ts";
import { Teams } from "../teams.ts";
import { Users } from "../users/users.ts";
import { SignInError } from "./external-account.ts";
import { ExternalSignIn } from "./external-sign-in.ts";

async function withSignIn(env: Readonly<Record<string, string>> = {}) {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(1_000_000);
  const { values: settings } = loadSettings({ env, overrides: [], ini: undefined, readFile: () => "" });
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  const teams = await Teams.open(store, clock);
  const signIn = new ExternalSignIn({ users, credentials, teams, settings, clock });
  return { users, credentials, teams, signIn };
}

test("an account whose groups the provider omits does not leave its teams, whose limit would end", async () => {
  const { teams, signIn } = await withSignIn();
  const come = async (claims: object) => {
    const idToken = { oid: "7", email: "ann@x", ...claims };
    const settings = { force_use_graph_api: false, api_url: "", auth_url: "" };
    const call = () => Promise.reject(new SignInError("provider-refused"));
    const data = await azureadKind.read({ settings, idToken, call } as unknown as AccountSource);
    return signIn.userOf({ provider: "oauth_azuread", ...data }, true);
  };
  const omitted = { _claim_names: { groups: "src1" } };
  const ann = await come(omitted);
  const team = await teams.add({ name: "A", email: "", matchers: '{team="a"}' });
  await teams.change(team, () => ({ groups: ["a"] }));
  await come({ groups: ["a"] });
  for (const claims of [omitted, { hasgroups: true }])
    await expect(come(claims)).rejects.toThrow("does not list all groups");
  expect([...teams.ofUser(ann.id)]).toEqual([team.id]);
  await come({ groups: ["b"] });
  expect([...teams.ofUser(ann.id)]).toEqual([]);
});

test("a directory does not sign in as a user whose name comes from an OAuth provider, unless all providers are trusted", async () => {
  const rest = { login: "boss", email: "", name: "" };
  for (const [trusted, outcome] of [
    ["false", "Another user has this login"],
    ["true", undefined],
  ] as const) {
    const { users, signIn } = await withSignIn({ GF_AUTH_OAUTH_ALLOW_INSECURE_EMAIL_LOOKUP: trusted });
    const eve = await signIn.userOf({ provider: "oauth_github", subject: "1", role: "Viewer", ...rest }, true);
    const come = signIn.userOf({ provider: "ldap", subject: "cn=boss", role: "Admin", ...rest }, true, true);
    if (outcome === undefined) expect((await come).id).toBe(eve.id);
    else await expect(come).rejects.toThrow(outcome);
    expect(users.byId(eve.id)?.role).toBe(outcome === undefined ? "Admin" : "Viewer");
  }
});
