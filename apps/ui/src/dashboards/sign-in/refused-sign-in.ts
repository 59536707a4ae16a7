/** Messages for the user, by the reason for which the server refused a sign-in at a provider. */
export const SENTENCES: Readonly<Record<string, string>> = {
  "provider-unavailable": "The sign-in service cannot be reached. Try again later.",
  "provider-refused": "The sign-in service refused the sign-in. Try again.",
  expired: "The sign-in took too long, or began in another browser. Try again.",
  "not-allowed": "This account may not sign in: it is not in an allowed domain, group or organization.",
  "no-role": "This account may not sign in: the sign-in service gives it no role.",
  "email-unverified":
    "The sign-in service has not verified the e-mail address of this account. Verify the address there, then sign in again.",
  "sign-up-off": "This account is unknown here, and new users are not added. Ask an admin to add you.",
  "name-taken": "Another user has this login or e-mail address. Ask an admin to change it.",
  "groups-unknown":
    "The sign-in service does not list all groups of this account. Ask an admin to check the permissions of this application there.",
  disabled: "This user is disabled. Ask an admin to enable it.",
  "no-account": "The sign-in service names no login for this account. Ask an admin to check the settings.",
};

/** Returns the message about a refused sign-in at a provider, from the query string of the page's address. */
export function refusedSignIn(query: URLSearchParams): string | undefined {
  const reason = query.get("error");
  if (reason === null) return undefined;
  return Object.hasOwn(SENTENCES, reason) ? SENTENCES[reason] : "The sign-in failed. Try again.";
}
