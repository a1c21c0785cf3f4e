//! How many connections are open at once, and how long one may say nothing: a flood takes no more than that.

use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;

/// Most connections at once.
pub(crate) const CONNECTIONS_MOST: usize = 2_048;

/// How long a new connection may take over its first bytes.
const FIRST_WORDS: Duration = Duration::from_secs(10);
/// So many bytes tell HTTP/1 from HTTP/2 (RFC 9113 section 3.4). From there on the protocol's own limits on time hold.
const PREFACE_BYTES: usize = 24;

/// Accepts while there is room.
#[derive(Clone, Debug)]
pub(crate) struct Bounded<A> {
    inner: A,
    room: Arc<Semaphore>,
}

impl<A> Bounded<A> {
    /// Puts the bound before another acceptor.
    pub(crate) fn new(inner: A) -> Self {
        Self { inner, room: Arc::new(Semaphore::new(CONNECTIONS_MOST)) }
    }
}

/// A service that keeps its connection's place.
#[derive(Clone, Debug)]
pub(crate) struct Placed<S> {
    inner: S,
    _place: Arc<OwnedSemaphorePermit>,
}

impl<A, I, S> Accept<I, S> for Bounded<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Service: 'static,
    A::Stream: AsyncRead + AsyncWrite + Unpin + 'static,
{
    type Stream = Prompt<A::Stream>;
    type Service = Placed<A::Service>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let place = Arc::clone(&self.room).try_acquire_owned();
        let accepted = self.inner.accept(stream, service);
        Box::pin(async move {
            let place = place.map_err(|_| io::Error::new(io::ErrorKind::ConnectionRefused, "no room"))?;
            let (stream, inner) = accepted.await?;
            Ok((Prompt::new(stream, FIRST_WORDS), Placed { inner, _place: Arc::new(place) }))
        })
    }
}

impl<S: tower::Service<R>, R> tower::Service<R> for Placed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.inner.call(request)
    }
}

/// SECURITY: a stream that has to begin in time. Which protocol is spoken is read from the first bytes without a limit on
/// time, so that silent connections would hold all the places for good (CWE-400).
#[derive(Debug)]
pub(crate) struct Prompt<S> {
    inner: S,
    missing: usize,
    until: Pin<Box<Sleep>>,
}

impl<S> Prompt<S> {
    fn new(inner: S, within: Duration) -> Self {
        Self { inner, missing: PREFACE_BYTES, until: Box::pin(tokio::time::sleep(within)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.missing > 0 && self.until.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, into))?;
        self.missing = self.missing.saturating_sub(into.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// Gives what it has, then says nothing more.
    struct Given(&'static [u8]);

    impl AsyncRead for Given {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            if self.0.is_empty() {
                return Poll::Pending;
            }
            into.put_slice(std::mem::take(&mut self.0));
            Poll::Ready(Ok(()))
        }
    }

    async fn read(stream: &mut Prompt<Given>) -> io::Result<usize> {
        let mut room = [0; 64];
        let mut into = ReadBuf::new(&mut room);
        poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut into)).await?;
        Ok(into.filled().len())
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_or_half_a_word_is_given_up() {
        for said in ["", "PRI * HTTP"] {
            let mut stream = Prompt::new(Given(said.as_bytes()), Duration::from_millis(1));
            let mut answer = read(&mut stream).await;
            if answer.is_ok() {
                answer = read(&mut stream).await;
            }
            assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::TimedOut, "{said}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_began_in_time_is_left_to_the_protocol() {
        let mut stream = Prompt::new(Given(b"GET /healthz HTTP/1.1\r\n"), Duration::from_secs(60));
        assert_eq!(read(&mut stream).await.unwrap(), 23);
        stream.inner.0 = b"Host: x";
        assert_eq!(read(&mut stream).await.unwrap(), 7);
        stream.until = Box::pin(tokio::time::sleep(Duration::ZERO));
        let more = tokio::time::timeout(Duration::from_millis(50), read(&mut stream)).await;
        assert!(more.is_err(), "{more:?}");
    }
}
