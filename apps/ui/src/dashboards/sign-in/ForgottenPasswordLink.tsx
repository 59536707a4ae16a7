import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { signInOptionsQuery } from "./sign-in-api.ts";

/** Links to the page for lost passwords, if the server sends mails. */
export function ForgottenPasswordLink() {
  const { data } = useQuery(signInOptionsQuery);
  if (data?.sendsMails !== true) return null;
  return (
    <Anchor component={Link} to="/user/password/send-reset-email" size="sm" ta="center">
      Forgot your password?
    </Anchor>
  );
}
