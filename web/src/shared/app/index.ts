export * from './connection'
export * from './sign_in_redirect'
export * from './title'
export * from './url_query'
