import { asWritten } from './asWritten.ts';

/**
 * Shell that becomes one command. A shell tells an exit code of 143 and an end by SIGTERM by the same number; the kernel
 * tells them apart for as long as the dead process was not waited for (proc(5), `exit_code` of `stat`). So the command's
 * parent is stopped before the command begins, and only goes on, to tell what it knows, once that was read. The parent is
 * xargs, as its arguments are shown to nobody: it makes arguments of what is separated by NULs, and leaves each signal as
 * it is. Signals that were ignored when we were begun stay so, as no shell can undo that.
 */
export const startPart = asWritten`
lead() {
  named "$1"
  cd "$job" || exit 1
  noted=$(fields_in noted)
  all=$((noted + $(fields_in spec)))
  cat noted spec | xargs -0 -n 1000000 -x -s 2000000 sh "$0" start "$1" $noted $all >/dev/null 2>&1
  echo $? >code
}
fields_in() { echo $(($(tr -dc '\000' <"$1" | wc -c))); }
refuse() {
  printf %s "$1" >"$job/why.new" && mv "$job/why.new" "$job/why"
  exit 127
}
# A variable for later; what is none is passed over.
remember() {
  case $1 in
    PATH=*) path=\${1#PATH=} ;;
    TERM=*) terminal=\${1#TERM=} ;;
    [!=]*=*) ;;
    *) return ;;
  esac
  kept=$((kept + 1))
  eval "kept_$kept=\$1"
}
# FUNCTION VARIABLE, then the fields of what to run: goes on with the function and the program's arguments, and knows the
# folder and all variables.
with_variables() {
  goes_on=$1 own=$2 cwd=$6 more=$7
  shift 7
  number "$more" || exit 1
  remember "PWD=$cwd"
  while [ "$more" -gt 0 ]; do
    remember "$1"
    shift
    more=$((more - 1))
  done
  remember "$own"
  $goes_on "$@"
}
# Becomes the program with its variables, by way of another where VIA names one.
become() {
  umask 022
  # For env this would be a variable.
  case $1 in *=*) set -- sh -c 'exec "$@"' sh "$@" ;; esac
  while [ $kept -gt 0 ]; do
    eval "set -- \"\$kept_$kept\" \"\$@\""
    kept=$((kept - 1))
  done
  exec $via env -i "$@"
}
runnable() {
  why='No such file or directory'
  case $1 in
    '') return 1 ;;
    */*) can_run "$1" && return ;;
    *)
      folders=$path:
      while [ -n "$folders" ]; do
        folder=\${folders%%:*} folders=\${folders#*:}
        can_run "\${folder:-.}/$1" && return
      done
      ;;
  esac
  return 1
}
can_run() {
  [ -e "$1" ] || return 1
  [ -f "$1" ] && [ -x "$1" ] || { why='Permission denied' && return 1; }
}

# OP NOTED ALL, so many variables that were noted, then the spec, which are so many in all.
start() {
  named "$1"
  mkdir "$job/begun" || exit 1
  noted=$2 all=$3 path=/bin:/usr/bin kept=0
  shift 3
  # Some xargs give a part of what is too much.
  [ $# = "$all" ] || refuse 'Argument list too long'
  while [ "$noted" -gt 0 ]; do
    remember "$1"
    shift
    noted=$((noted - 1))
  done
  input=$3
  with_variables begin_as "AIRLOCK_JOB=$op" "$@"
}
begin_as() {
  cd -P -- "$cwd" 2>/dev/null || refuse "There is no folder $cwd"
  runnable "$1" || refuse "$why"
  [ -n "$input" ] && exec <"$job/in" || exec </dev/null
  exec >"$job/out" 2>"$job/err"
  stand $$
  ours=$s_session
  # Whoever takes in what lost its parent is not to be stopped.
  stand $PPID && [ "$s_session" = "$ours" ] || exit 1
  kill -STOP $PPID
  turns=0
  until { stand $PPID && [ "$s_state" = T ]; } || [ $turns -gt 200 ]; do rest; done
  echo "$$ $PPID $1" >"$job/pid"
  : >"$job/up"
  via=setsid
  become "$@"
}
`;
