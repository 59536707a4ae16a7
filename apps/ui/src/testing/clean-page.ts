import { afterAll } from "vitest";

/** Removes what the tests of a file leave in the page and in the browser's storage, since all files share them. */
afterAll(() => {
  localStorage.clear();
  sessionStorage.clear();
  document.body.replaceChildren();
  history.replaceState(null, "", "/");
});
