import { afterAll } from "vitest";

/** Removes elements and stored values after the tests of a file, because all test files share one page and storage. */
afterAll(() => {
  localStorage.clear();
  sessionStorage.clear();
  document.body.replaceChildren();
  history.replaceState(null, "", "/");
});
