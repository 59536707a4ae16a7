# Sourced by scripts that start a role: `role_settings FILE ROLE` sets $v8 to the role's V8 flags and exports its variables,
# unless the environment has them. FILE is src/role-settings.json; role-settings.ts next to it explains the values.
role_settings() {
  v8=
  while IFS='"' read -r _ name _ settings _; do
    [ "$name" = "$2" ] || continue
    for setting in $settings; do
      case $setting in
        --*) v8="$v8 $setting" ;;
        *) eval "export ${setting%%=*}=\"\${${setting%%=*}:-${setting#*=}}\"" ;;
      esac
    done
  done <"$1"
}
