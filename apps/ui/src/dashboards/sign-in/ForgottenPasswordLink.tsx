import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { useSignInOptions } from "./sign-in-api.ts";

/** Link to the page for lost passwords. Hidden if the server sends no mails. */
export function ForgottenPasswordLink() {
  if (useSignInOptions()?.sendsMails !== true) return null;
  return (
    <Anchor component={Link} to="/user/password/send-reset-email" size="sm" ta="center">
      Forgot your password?
    </Anchor>
  );
}
