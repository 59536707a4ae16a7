import type { OrgRole } from "@narthex/http";
import type { Auth } from "../auth/auth.ts";
import type { ServiceAccountDraft } from "../auth/service-accounts.ts";
import { isRole } from "../auth/levels.ts";
import { checkedRestriction, type TokenRestriction } from "../auth/tokens/token-restriction.ts";
import { tokenDigest } from "../auth/tokens/token-text.ts";
import { Refusal } from "../web/refusal.ts";
import { checkFiles, type ProvisionedMap, type ProvisioningFile, ProvisioningError } from "./provisioning-file.ts";

interface FileAccount {
  readonly draft: ServiceAccountDraft;
  readonly tokens: readonly FileToken[];
  readonly place: string;
}

interface FileToken {
  readonly name: string;
  readonly text: string;
  readonly restriction: TokenRestriction;
}

/** Minimum length of a token, in characters. A shorter token could be guessed. */
const MIN_TOKEN_LENGTH = 32;

/** Reads the service accounts in these files. Throws ProvisioningError with all problems. */
export function readAccountFiles(files: readonly ProvisioningFile[]): readonly FileAccount[] {
  const accounts: FileAccount[] = [];
  for (const file of files) {
    const root = file.rootMap("begin with apiVersion: 1 and serviceAccounts:");
    for (const entry of root?.maps("serviceAccounts") ?? []) accounts.push(readAccount(entry));
  }
  checkFiles(files);
  return accounts;
}

function readAccount(entry: ProvisionedMap): FileAccount {
  const [name, role] = [entry.text("name").trim(), entry.text("role") || "Viewer"];
  if (name === "") entry.refuse("name", "a service account has no name", "add name: and a name");
  if (!isRole(role))
    entry.refuse("role", `role: ${JSON.stringify(role)} is not a role`, "write None, Viewer, Editor or Admin");
  const draft = { name, role: role as OrgRole, isDisabled: entry.flag("isDisabled") };
  return { draft, tokens: entry.maps("tokens").map(readToken), place: entry.place };
}

function readToken(entry: ProvisionedMap): FileToken {
  const [name, text] = [entry.text("name").trim(), entry.text("token").trim()];
  if (name === "") entry.refuse("name", "a token has no name", "add name: and a name");
  if (text.length < MIN_TOKEN_LENGTH) {
    entry.refuse(
      "token",
      `the token ${JSON.stringify(name)} has less than ${MIN_TOKEN_LENGTH} characters`,
      "write a long random text to a file, and name the file: token: $__file{/run/secrets/token}",
    );
  }
  return { name, text, restriction: restrictionIn(entry) };
}

/** Reads the restriction of a token. Reports an error for an invalid one, and then returns no restriction. */
function restrictionIn(entry: ProvisionedMap): TokenRestriction {
  // The key `matchers` without a value is an error. Otherwise an unset environment variable would remove the
  // restriction.
  const matchers = entry.mentions("matchers") ? entry.text("matchers") : undefined;
  const scopes = entry.mentions("scopes") ? entry.list("scopes") : undefined;
  try {
    return checkedRestriction(scopes, matchers);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    entry.refuse(scopes === undefined ? "matchers" : "scopes", error.message, "correct the token, or remove the key");
    return {};
  }
}

/**
 * Adds or updates the service accounts and tokens that the files define. Other tokens are kept. Rejects with
 * ProvisioningError or StoreError.
 */
export async function applyAccountFiles(accounts: readonly FileAccount[], auth: Auth): Promise<void> {
  for (const account of accounts) {
    try {
      await applyAccount(account, auth);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new ProvisioningError(
        `${account.place}: service account ${JSON.stringify(account.draft.name)}: ${error.message}`,
        { cause: error },
      );
    }
  }
}

async function applyAccount(
  { draft, tokens: wanted }: FileAccount,
  { serviceAccounts, tokens }: Pick<Auth, "serviceAccounts" | "tokens">,
): Promise<void> {
  const account = await serviceAccounts.provide(draft);
  for (const { name, text, restriction } of wanted)
    await tokens.provide(account.id, name, { digest: tokenDigest(text), expires: 0, ...restriction });
}
