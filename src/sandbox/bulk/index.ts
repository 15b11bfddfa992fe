export { downloadByExec } from './download.ts';
export { uploadByExec } from './upload.ts';
