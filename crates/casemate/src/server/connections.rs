//! How many connections are open at once: a flood takes no more than that.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most connections at once.
pub(crate) const CONNECTIONS_MOST: usize = 2_048;

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
    A::Stream: 'static,
{
    type Stream = A::Stream;
    type Service = Placed<A::Service>;
    type Future = std::pin::Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let place = Arc::clone(&self.room).try_acquire_owned();
        let accepted = self.inner.accept(stream, service);
        Box::pin(async move {
            let place = place.map_err(|_| io::Error::new(io::ErrorKind::ConnectionRefused, "no room"))?;
            let (stream, inner) = accepted.await?;
            Ok((stream, Placed { inner, _place: Arc::new(place) }))
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
