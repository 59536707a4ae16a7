import { ManualClock } from "@narthex/runtime/testing";
import { onTestFinished } from "vitest";
import type { ExternalAccount } from "../auth/external/external-account.ts";
import type { OAuthKind } from "../auth/oauth/oauth-kind.ts";
import { OAuthProvider, type SignedIn } from "../auth/oauth/oauth-provider.ts";
import { loadSettings } from "../settings/load-settings.ts";
import { backTo, type OAuthVendor } from "./oauth-vendor.ts";

type Values = Readonly<Record<string, string>>;

/**
 * Opens an OAuth provider of a kind.
 * @param values settings of the provider, by their names without the section
 */
export function openVendor(kind: OAuthKind, values: Values, clock = new ManualClock(Date.now())): OAuthProvider {
  const section = kind.section.slice("auth.".length).toUpperCase();
  const all = { CLIENT_ID: "narthex", CLIENT_SECRET: "shared", ...values };
  const env = Object.fromEntries(Object.entries(all).map(([name, value]) => [`GF_AUTH_${section}_${name}`, value]));
  const { values: settings } = loadSettings({ env, overrides: [], ini: undefined, readFile: () => "" });
  const provider = new OAuthProvider(kind, settings, clock);
  onTestFinished(() => provider.close());
  return provider;
}

/** Signs in with the account of a fake company. */
export async function signInAt(vendor: OAuthVendor, provider: OAuthProvider): Promise<SignedIn> {
  const { url, flow } = await provider.begin(backTo(provider.key));
  return provider.finish(backTo(provider.key), vendor.signIn(url), flow);
}

/** Signs in with the account of a fake company. Returns the account, or the reason why it may not sign in. */
export async function outcome(vendor: OAuthVendor, kind: OAuthKind, values: Values): Promise<Outcome> {
  const { account } = await signInAt(vendor, openVendor(kind, values)).catch((error: unknown) => {
    const problem = error instanceof Error && "problem" in error ? String(error.problem) : undefined;
    if (problem === undefined) throw error;
    return { account: { refused: problem } };
  });
  return account;
}

type Outcome = Partial<ExternalAccount> & { readonly refused?: string };
