import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import { loadSettings } from "../../settings/load-settings.ts";
import { Credentials } from "../credentials/credentials.ts";
import type { AccountSource } from "../oauth/oauth-kind.ts";
import { azureadKind } from "../oauth/kinds/azuread.ts";
import { Teams } from "../teams.ts";
import { Users } from "../users.ts";
import { ExternalSignIn } from "./external-sign-in.ts";

test("an account whose groups the provider omits does not leave its teams, whose limit would end", async () => {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(1_000_000);
  const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  const teams = await Teams.open(store, clock);
  const signIn = new ExternalSignIn({ users, credentials, teams, settings, clock });
  const come = async (claims: object) => {
    const idToken = { oid: "7", email: "ann@x", ...claims };
    const data = await azureadKind.read({ idToken } as unknown as AccountSource);
    return signIn.userOf({ provider: "oauth_azuread", ...data }, true);
  };
  const omitted = { _claim_names: { groups: "src1" } };
  const ann = await come(omitted);
  const team = await teams.add({ name: "A", email: "", matchers: '{team="a"}' });
  await teams.change(team, () => ({ groups: ["a"] }));
  await come({ groups: ["a"] });
  for (const claims of [omitted, { hasgroups: true }])
    await expect(come(claims)).rejects.toThrow("leaves out the groups");
  expect([...teams.ofUser(ann.id)]).toEqual([team.id]);
  await come({ groups: ["b"] });
  expect([...teams.ofUser(ann.id)]).toEqual([]);
});
