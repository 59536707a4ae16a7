import { afterAll } from "vitest";

/** What the tests of a file leave in the page and in the browser's storage goes with it: all files share one of each. */
afterAll(() => {
  localStorage.clear();
  sessionStorage.clear();
  document.body.replaceChildren();
  history.replaceState(null, "", "/");
});
