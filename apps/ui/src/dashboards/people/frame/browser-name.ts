/** The program of a session and its system, as the server names them. */
export interface NamedBrowser {
  readonly browser: string;
  readonly os: string;
}

/** Returns the browser and the system of a session: `Firefox on Linux`. Other programs keep their own name. */
export function browserName({ browser, os }: NamedBrowser): string {
  if (browser === "") return "Unknown browser";
  const name = browser.slice(0, 60);
  return os === "" ? name : `${name} on ${os}`;
}
