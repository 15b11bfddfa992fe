/** What the published programs have really answered, a line each: `ok|exit code|data|error`, as they printed it. */
export const captured = {
  create:
    'true|0|{"vm":{"name":"a","status":"running","os":"alpine","started_at":"2026-11-23T02:39:11.156699+00:00"},"next":{"shell_command":"smolvm sandbox shell a","ssh_command":"smolvm sandbox ssh a","desktop_command":null,"info_command":"smolvm sandbox info a"},"warnings":[]}|null',
  info: 'true|0|{"vm":{"name":"a","status":"running","os":"Debian GNU/Linux 12 (bookworm)","backend":"qemu","ip_address":"10.0.2.15","ssh_port":2200,"pid":21513,"vcpus":1,"memory":512,"memory_used":31,"disk_size":1024,"network_mode":"nat","bridge":null}}|null',
  infoStopped:
    'true|0|{"vm":{"name":"a","status":"stopped","os":"alpine","backend":"qemu","ip_address":"10.0.2.15","ssh_port":2200,"pid":null,"vcpus":1,"memory":512,"memory_used":null,"disk_size":1024,"network_mode":"nat","bridge":null}}|null',
  list: 'true|0|{"filters":{"all":true,"status":null,"preset":null},"vms":[{"name":"a","preset":null,"status":"running","pid":21513,"ip_address":"10.0.2.15","ssh_port":2200,"warnings":[]}]}|null',
  listOfCelesto:
    'true|0|{"filters":{"all":true,"status":null},"vms":[{"name":"a","status":"running","pid":21513,"ip_address":"10.0.2.15","ssh_port":2200,"warnings":[]}]}|null',
  pause: 'true|0|{"vm":{"name":"a","status":"paused"}}|null',
  stop: 'true|0|{"vm":{"name":"a","status":"stopped"}}|null',
  deleted:
    'true|0|{"targets":["a"],"deleted":["a"],"failed":[],"summary":{"target_count":1,"deleted_count":1,"failed_count":0},"dry_run":false,"reconciled_stale_ids":null}|null',
  deletedUnknown:
    'false|1|{"targets":["x"],"deleted":[],"failed":[{"vm_id":"x","error":"VM \'x\' not found"}],"summary":{"target_count":1,"deleted_count":0,"failed_count":1},"dry_run":false,"reconciled_stale_ids":null}|null',
  logs: 'true|0|{"path":"/home/u/.local/state/smolvm/demo.log","lines":["one","two"]}|null',
  doctor:
    'true|0|{"backend_requested":"auto","backend_resolved":"qemu","system":"Linux","arch":"x86_64","checks":[{"name":"qemu-version","status":"pass","detail":"7.2.22","fix":null}],"summary":{"failures":0,"warnings":0,"ok":true,"strict":false}}|null',
} as const;

/** Refusals that were really met, and what they mean. */
export const capturedRefusals: readonly (readonly [line: string, meaning: string])[] = [
  ['false|1|null|{"code":"runtime_error","message":"VM \'a\' already exists"}', 'name-taken'],
  [
    'false|1|null|{"code":"runtime_error","message":"A computer named \'a\' already exists; choose another name or run \'celesto computer delete a\'."}',
    'name-taken',
  ],
  [
    'false|1|null|{"code":"invalid_input","message":"1 validation error for VMConfig\\nvm_id\\n  String should match pattern …"}',
    'bad-input',
  ],
  [
    'false|1|null|{"code":"runtime_error","message":"Download failed for https://images.invalid/vmlinux: HTTPSConnectionPool(host=\'images.invalid\', port=443): Failed to resolve"}',
    'download-failed',
  ],
  [
    'false|1|null|{"code":"runtime_error","message":"Operation \'wait_for_ssh: 127.0.0.1:2200 [key=/k] (port never opened)\' timed out after 0.99s); 10.0.2.15:22 … timed out after 2.0s"}',
    'timed-out',
  ],
  [
    'false|2|null|{"code":"usage_error","message":"No such option \'--nosuch\'. Did you mean \'--os\'?","recovery":"Run \'smolvm sandbox create --help\' for usage."}',
    'bad-input',
  ],
  ['false|1|null|{"code":"runtime_error","message":"VM \'x\' not found"}', 'no-such-vm'],
  [
    'false|1|null|{"code":"invalid_input","message":"Computer \'x\' was not found; run \'celesto computer list --all\' to choose one."}',
    'no-such-vm',
  ],
  [
    'false|1|null|{"code":"not_running","message":"Sandbox \'a\' is not running (paused). Run \'smolvm sandbox start a\' first, or add --start …","recovery":"Run …"}',
    'not-running',
  ],
  [
    'false|1|null|{"code":"runtime_error","message":"Cannot run command in VM \'a\': SSH did not become ready on the guest.\\n…"}',
    'not-ready',
  ],
  ['false|1|null|{"code":"runtime_error","message":"Cannot pause VM in state \'paused\'."}', 'wrong-state'],
  ['false|1|null|{"code":"runtime_error","message":"Cannot pause computer in state \'paused\'."}', 'wrong-state'],
  ['false|1|null|{"code":"runtime_error","message":"Cannot start VM in state \'error\'"}', 'cannot-start'],
  ['false|1|null|{"code":"runtime_error","message":"Local SSH port 2200 is already in use"}', 'port-in-use'],
  ['false|1|null|{"code":"runtime_error","message":"QEMU exited early while booting VM \'4711\'"}', 'emulator-ended'],
  [
    'false|1|null|{"code":"runtime_error","message":"QEMU exited early while booting computer \'9577\'"}',
    'emulator-ended',
  ],
  ['false|1|null|{"code":"runtime_error","message":"Snapshot \'s-1\' not found"}', 'no-such-snapshot'],
  [
    'false|1|null|{"code":"runtime_error","message":"Cannot delete snapshot while restored VM is active"}',
    'snapshot-used',
  ],
  [
    'false|1|null|{"code":"runtime_error","message":"Snapshot is already backing an active restored VM"}',
    'snapshot-used',
  ],
  [
    'false|1|null|{"code":"runtime_error","message":"Snapshotting currently supports only VMs without extra drives"}',
    'no-snapshots',
  ],
  [
    'false|1|null|{"code":"runtime_error","message":"Snapshots are not supported for raw QEMU disks in sandbox \'a\'."}',
    'no-snapshots',
  ],
  ['false|1|null|{"code":"runtime_error","message":"Failed to download guest file: [Errno 2] not found"}', 'other'],
  ['false|1|null|{"code":"missing_dependency","message":"qemu-img was not found on PATH"}', 'missing-tool'],
];

/** The envelope that a captured line stands for, as it is printed. */
export function printed(line: string): { stdout: Buffer; code: number } {
  const [ok, code, data, error] = line.split('|');
  const parsed = {
    ok: ok === 'true',
    command: 'sandbox.x',
    exit_code: Number(code),
    data: json(data),
    error: json(error),
  };
  return { stdout: Buffer.from(`${JSON.stringify(parsed, null, 2)}\n`), code: Number(code) };
}

function json(text: string | undefined): unknown {
  return JSON.parse(text ?? 'null');
}
