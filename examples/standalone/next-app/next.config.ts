import type { NextConfig } from 'next'

const config: NextConfig = {
  // They start threads and load files of their own, so they stay what they are and are not bundled.
  serverExternalPackages: ['waymark', '@waymark/contract', '@waymark/learning-journey', '@waymark/store', '@waymark/surface'],
  // Paths of event SDKs and of the reference pages end with a slash.
  skipTrailingSlashRedirect: true,
}

export default config
