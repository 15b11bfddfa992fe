export { downloadByExec, refuseCancelled } from './download.ts';
export { uploadByExec } from './upload.ts';
