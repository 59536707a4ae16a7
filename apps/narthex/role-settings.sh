# Sourced by what starts a role: `role_settings FILE ROLE` puts the role's flags of V8 into $v8 and exports its variables,
# unless the environment has them. FILE is src/role-settings.json, whose reasons are in role-settings.ts beside it.
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
