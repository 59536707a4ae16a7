/** The browser and the operating system of a session, as the server names them. */
export interface NamedBrowser {
  readonly browser: string;
  readonly os: string;
}

/**
 * Returns the browser and the operating system of a session: `Firefox on Linux`. For other programs, returns the
 * program's name.
 */
export function browserName({ browser, os }: NamedBrowser): string {
  if (browser === "") return "Unknown browser";
  const name = browser.slice(0, 60);
  return os === "" ? name : `${name} on ${os}`;
}
