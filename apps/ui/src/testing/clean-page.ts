import { afterAll } from "vitest";

/**
 * Removes the elements and stored values that the tests of a file leave behind, since all files share one page and one
 * storage.
 */
afterAll(() => {
  localStorage.clear();
  sessionStorage.clear();
  document.body.replaceChildren();
  history.replaceState(null, "", "/");
});
