/// Certificates for tests only, good for a hundred years: an authority and what it signed.
enum TestCertificates {
  /// Signs the others.
  static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBezCCASGgAwIBAgIUdkcDibXOu/ODAvjlrwG5wd27eNAwCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHdGVzdC1jYTAgFw0yNjExMjEwMDI4MDJaGA8yMTI2MTAyODAw
    MjgwMlowEjEQMA4GA1UEAwwHdGVzdC1jYTBZMBMGByqGSM49AgEGCCqGSM49AwEH
    A0IABKraVD/yAlWWb3UxCtzNi4ZZ2sZItMmUVshf+3BjZXPf5pfxKhcY5UhSXEM9
    ljXN7CJEi3bhric96e6gW84WfZujUzBRMB0GA1UdDgQWBBQ/loIl+SncgyjqzaaS
    uG4rF0sw7TAfBgNVHSMEGDAWgBQ/loIl+SncgyjqzaaSuG4rF0sw7TAPBgNVHRMB
    Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQC6S4u/K/z5cL+D6MUf30fU0gG2
    mJRFa4p7yUaK4sqvPwIgRlxx//VAeNr+kSijjmNXS7UxlrJBUw3P1i87n+DLxx4=
    -----END CERTIFICATE-----
    """
  /// For 127.0.0.1 and kubernetes.test.
  static let server = """
    -----BEGIN CERTIFICATE-----
    MIIBqTCCAU6gAwIBAgIUZU3FvXw9p+yzGbJgTKVaqphg+KowCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHdGVzdC1jYTAgFw0yNjExMjEwMDI4MDJaGA8yMTI2MTAyODAw
    MjgwMlowGTEXMBUGA1UEAwwOa3ViZS1hcGlzZXJ2ZXIwWTATBgcqhkjOPQIBBggq
    hkjOPQMBBwNCAATbR+jHr1wvgSMXIiwOdn/Qh/wZom4vWq/pOhojKvMe2EmiGCY7
    7fnyV41J4mZJ+tyu6hJ+FEJfVDQeMM2ufTMPo3kwdzAgBgNVHREEGTAXhwR/AAAB
    gg9rdWJlcm5ldGVzLnRlc3QwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYE
    FNx2MOnsvcjcc6TWxhiSJkNVw0HbMB8GA1UdIwQYMBaAFD+WgiX5KdyDKOrNppK4
    bisXSzDtMAoGCCqGSM49BAMCA0kAMEYCIQCB2tU5NClpZiNjF5Ky1HpBIYmjlyuA
    zdCCbAJcOWLvoAIhAOg4zFXO7RBMJkB2yNRMl+OkalvgBvuUxKDVHqrtvibZ
    -----END CERTIFICATE-----
    """
  /// Of `server`.
  static let serverKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy0EILajjWgXXKpXm
    sMPO5Z6WBXLD/6i7ghSiLj7hiKShRANCAATbR+jHr1wvgSMXIiwOdn/Qh/wZom4v
    Wq/pOhojKvMe2EmiGCY77fnyV41J4mZJ+tyu6hJ+FEJfVDQeMM2ufTMP
    -----END PRIVATE KEY-----
    """
  /// For kubernetes.test alone.
  static let named = """
    -----BEGIN CERTIFICATE-----
    MIIBoTCCAUigAwIBAgIUZU3FvXw9p+yzGbJgTKVaqphg+KswCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHdGVzdC1jYTAgFw0yNjExMjEwMDI4MDJaGA8yMTI2MTAyODAw
    MjgwMlowGTEXMBUGA1UEAwwOa3ViZS1hcGlzZXJ2ZXIwWTATBgcqhkjOPQIBBggq
    hkjOPQMBBwNCAASKqHOamM9tHKZBV/9YpxJJvWRP/HVc2Lzh8TO7zHe+fY8mPZCI
    /zEgFhfmMh+9wpUuLw32PPYyluH9iAVOfDZ1o3MwcTAaBgNVHREEEzARgg9rdWJl
    cm5ldGVzLnRlc3QwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFH7Vfbcr
    1oRDm3Lw2s3orzDwkGwuMB8GA1UdIwQYMBaAFD+WgiX5KdyDKOrNppK4bisXSzDt
    MAoGCCqGSM49BAMCA0cAMEQCIATQp4ghLRzmbZL2UqgTzNQdFvpz4O02FYwWwZoI
    dWW5AiAEe5w6KAtr1MYkITYHz7k+tzH+GNgY2c4G+SwI8Fz68Q==
    -----END CERTIFICATE-----
    """
  /// Of `named`.
  static let namedKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQcLi+Y3Llw5VDUwn
    j8JGmg6ye2zN99mSyybxp2wMQ9GhRANCAASKqHOamM9tHKZBV/9YpxJJvWRP/HVc
    2Lzh8TO7zHe+fY8mPZCI/zEgFhfmMh+9wpUuLw32PPYyluH9iAVOfDZ1
    -----END PRIVATE KEY-----
    """
  /// For the user admin.
  static let client = """
    -----BEGIN CERTIFICATE-----
    MIIBlzCCATygAwIBAgIUZU3FvXw9p+yzGbJgTKVaqphg+KwwCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHdGVzdC1jYTAgFw0yNjExMjEwMDI4MDJaGA8yMTI2MTAyODAw
    MjgwMlowKTEXMBUGA1UECgwOc3lzdGVtOm1hc3RlcnMxDjAMBgNVBAMMBWFkbWlu
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8bwkL0saqFXtfDz6q1dfbH2Y3Ftz
    NS6wFY7L3gl7Y1wqqoobvncp9Jx1g7LNrYcR3vXYwcUOrQLfwHBKn0yXu6NXMFUw
    EwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0OBBYEFKxFgIEQagPgRYksI9muSk1T
    47QMMB8GA1UdIwQYMBaAFD+WgiX5KdyDKOrNppK4bisXSzDtMAoGCCqGSM49BAMC
    A0kAMEYCIQCdib0gKNqZRTIZmotnuB1tFbGX7y3BzaER+Oppg/W+8wIhAOeL2fgS
    X4+EySwtF2QyGZSE6ldGZiUq15E6CTuo98Dl
    -----END CERTIFICATE-----
    """
  /// Of `client`.
  static let clientKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgujdb709J136gfMOm
    R14NYSQdk0E7z2J0KqHzeWbQHuKhRANCAATxvCQvSxqoVe18PPqrV19sfZjcW3M1
    LrAVjsveCXtjXCqqihu+dyn0nHWDss2thxHe9djBxQ6tAt/AcEqfTJe7
    -----END PRIVATE KEY-----
    """
}
